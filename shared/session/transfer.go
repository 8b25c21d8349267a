package session

import (
	"time"

	"handrail/shared/wire"
)

// TransferStage is how far a transfer has come.
type TransferStage int

const (
	TransferOffered TransferStage = iota // the receiving person has not answered
	TransferGoing                        // on its way, or waiting for a connection
	TransferArrived                      // on the receiver's disk
	TransferRefused                      // Verdict says how
	TransferHalted                       // Why says for what reason
)

// Transfer is one file or folder on its way between the two sides (C03).
type Transfer struct {
	ID     uint32
	Mine   bool   // this side sends it
	Name   string // what it is called; of what comes in, as it can be called on any disk
	Size   uint64 // bytes of all files
	Items  uint32 // files and folders, the offered one included
	Folder bool
	At     time.Time // when it was offered

	Stage   TransferStage
	Done    uint64 // bytes that are on the receiver's disk, as far as this side knows
	Verdict wire.Verdict
	Why     wire.HaltWhy
	ByMe    bool // halted from this side

	Place string // on this machine's disk: what is sent, or where it is kept
}

// What the person at this side did with files.
type (
	// Offer offers what is at Place on this machine's disk; it has been
	// looked through.
	Offer struct {
		Place, Name string
		Size        uint64
		Items       uint32
		Folder      bool
	}
	// Take answers an offer of the other side. At the customer's an offer is
	// answered by Reply, like every request.
	Take struct {
		ID    uint32
		Allow bool
	}
	Cancel struct{ ID uint32 } // halt a transfer, or take an offer back
)

// What the machine did with files.
type (
	Progress struct { // bytes that are on the receiver's disk
		ID   uint32
		Done uint64
	}
	Delivered struct { // receiver: everything is on disk, at Place
		ID    uint32
		Place string
	}
	Broke struct { // this machine can't go on with a transfer
		ID  uint32
		Why wire.HaltWhy
	}
)

func (Offer) event()     {}
func (Take) event()      {}
func (Cancel) event()    {}
func (Progress) event()  {}
func (Delivered) event() {}
func (Broke) event()     {}

type (
	// Begin moves a transfer's bytes from now on, over every connection there
	// will be, until Quit or the end.
	Begin struct{ Transfer Transfer }
	// Quit ends the moving of a transfer's bytes. With Keep somebody may want
	// to go on with it another time: what has arrived stays for a while.
	Quit struct {
		ID   uint32
		Keep bool
	}
	// NotOffered says that an Offer was not made, because too many wait.
	NotOffered struct {
		Name string
		Why  wire.HaltWhy
	}
)

func (Begin) effect()      {}
func (Quit) effect()       {}
func (NotOffered) effect() {}
