package wire

// Files, the clipboard and what keeps the connection short of queues (session
// plane, control stream). Those marked * are counted. The bytes themselves
// travel on the streams of bulk.go and stream.go.

const (
	KindTaken    Kind = 80
	KindOffer    Kind = 81
	KindReply    Kind = 82
	KindHalt     Kind = 83
	KindGoOn     Kind = 84
	KindArrived  Kind = 85
	KindClip     Kind = 86
	KindClipWant Kind = 87
)

// Taken says how many bytes this side has taken in, since the connection began:
// of Data of decoded slices, and of whole blocks of bulk. The sender keeps what
// is on its way small by it.
type Taken struct {
	Pictures uint64 `cbor:"1,keyasint,omitempty" json:"pictures,omitempty"`
	Bulk     uint64 `cbor:"2,keyasint,omitempty" json:"bulk,omitempty"`
}

// Offer* offers a file, or a folder with all that is in it. IDs count up over
// the whole session: the rep's are odd, the customer's even.
type Offer struct {
	ID     uint32 `cbor:"1,keyasint" json:"id"`
	Name   string `cbor:"2,keyasint" json:"name"`
	Size   uint64 `cbor:"3,keyasint" json:"size"`  // bytes of all files
	Items  uint32 `cbor:"4,keyasint" json:"items"` // files and folders, the offered one included
	Folder bool   `cbor:"5,keyasint,omitempty" json:"folder,omitempty"`
}

// Reply* is a person's answer to an Offer.
type Reply struct {
	ID      uint32  `cbor:"1,keyasint" json:"id"`
	Verdict Verdict `cbor:"2,keyasint" json:"verdict"`
}

// HaltWhy says why a transfer ended before its end.
type HaltWhy uint8

const (
	HaltCancelled  HaltWhy = 1 // somebody didn't want it any more
	HaltUnreadable HaltWhy = 2 // the sender can't read it (any more)
	HaltChanged    HaltWhy = 3 // it changed while it was being sent
	HaltFull       HaltWhy = 4 // no space at the receiver
	HaltUnwritable HaltWhy = 5 // the receiver can't write it
	HaltWrong      HaltWhy = 6 // what came was not what was offered
)

// Halt* ends a transfer, from either side, or takes an Offer back.
type Halt struct {
	ID  uint32  `cbor:"1,keyasint" json:"id"`
	Why HaltWhy `cbor:"2,keyasint" json:"why"`
}

// GoOn has the sender begin a transfer, or go on with it after a break, also
// one of an earlier session: with the chunk after Chunks of item Item. Sum tells
// whether what comes before is the same at both ends (PROTOCOL.md, "Files"); if
// it is not, the sender begins with the first item. It is said after Reply and
// again on each new connection.
type GoOn struct {
	ID     uint32 `cbor:"1,keyasint" json:"id"`
	Item   uint32 `cbor:"2,keyasint" json:"item"`
	Chunks uint32 `cbor:"3,keyasint,omitempty" json:"chunks,omitempty"`
	Sum    []byte `cbor:"4,keyasint,omitempty" json:"sum,omitempty"`
}

// Arrived* says that all of a transfer is on the receiver's disk.
type Arrived struct {
	ID uint32 `cbor:"1,keyasint" json:"id"`
}

// ClipFormat is a form in which a clipboard has something.
type ClipFormat uint8

const (
	ClipText ClipFormat = 1 // UTF-8
	ClipHTML ClipFormat = 2 // UTF-8
	ClipRTF  ClipFormat = 3
	ClipPNG  ClipFormat = 4
)

// Clip says what is on this side's clipboard now, nothing if there are no
// Forms. Serial counts up over the whole session. What it is crosses only when
// somebody pastes it: see ClipWant.
type Clip struct {
	Serial uint64     `cbor:"1,keyasint" json:"serial"`
	Forms  []ClipForm `cbor:"2,keyasint,omitempty" json:"forms,omitempty"`
}

// ClipForm is one form of what is on a clipboard.
type ClipForm struct {
	Format ClipFormat `cbor:"1,keyasint" json:"format"`
	Size   uint64     `cbor:"2,keyasint,omitempty" json:"size,omitempty"` // bytes, 0 if not known
}

// ClipWant asks for the bytes of one form. They come as ClipPieces with its ID,
// which counts up over the connection.
type ClipWant struct {
	ID     uint32     `cbor:"1,keyasint" json:"id"`
	Serial uint64     `cbor:"2,keyasint" json:"serial"`
	Format ClipFormat `cbor:"3,keyasint" json:"format"`
}
