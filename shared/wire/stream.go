package wire

// The session plane's streams. The first bytes of every stream are one
// uvarint, its StreamKind; then follow blocks (see WriteBlock).

// StreamKind says what a stream carries.
type StreamKind uint8

const (
	StreamControl  StreamKind = 1 // both ways, opened by the rep: authentication, then packets
	StreamInput    StreamKind = 2 // rep to customer: Input blocks
	StreamPictures StreamKind = 3 // customer to rep: Slice blocks
	StreamCursor   StreamKind = 4 // customer to rep: Cursor blocks
	StreamBulk     StreamKind = 5 // either way: Bulk blocks
)

// The first byte of a datagram.
const (
	DatagramHeartbeat byte = 1 // nothing follows
	DatagramMove      byte = 2 // an encoded Move follows, rep to customer
	DatagramPointer   byte = 3 // an encoded Pointer follows, customer to rep
)

// Limits of the picture and cursor streams.
const (
	MaxSlice  = 256 << 10 // bytes of one picture slice; senders aim at 8 KiB
	MaxCursor = 300 << 10 // bytes of one cursor block
	MaxSide   = 256       // pixels of a cursor's side
)

// Slice is a piece of the picture in package codec's format. Seq counts slices
// from 1 over the whole session. Frame counts frames from 1 and is repeated for
// each slice of one frame; Last marks its last slice. Input is the Seq of the
// last edge injected before capture.
type Slice struct {
	Seq   uint64
	Frame uint64
	Input uint64
	Last  bool
	Data  []byte
}

// Cursor is the shape of the customer's pointer: with Pix the first time an
// ID is used on a connection, without it afterwards. Hidden cursors have ID 0.
type Cursor struct {
	ID         uint64
	W, H       uint16
	HotX, HotY uint16
	Pix        []byte // premultiplied RGBA, W*H*4 bytes, or none
}

// Pointer is where the customer's pointer is, when the customer moves it.
type Pointer struct {
	Seq     uint64 // newest wins
	Monitor uint8
	X, Y    uint16
}
