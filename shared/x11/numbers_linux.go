package x11

import (
	"fmt"
	"io"
	"sync"

	"github.com/jezek/xgb"

	// Extensions with events or errors, of Handrail's doors and of
	// kbinani/screenshot. Importing them here has them ready before init below.
	_ "github.com/jezek/xgb/damage"
	_ "github.com/jezek/xgb/randr"
	_ "github.com/jezek/xgb/render"
	_ "github.com/jezek/xgb/shape"
	_ "github.com/jezek/xgb/shm"
	_ "github.com/jezek/xgb/xfixes"
)

// Numbers that the X protocol leaves to extensions.
const (
	firstEvent, lastEvent = 64, 127
	firstError, lastError = 128, 255
)

// numbers is what numbers of one kind mean, events or errors.
type numbers[F any] struct {
	of    map[string]map[int]F // how an extension's are read, counted from its first
	means map[int]meaning[F]
}

// meaning is what one number stands for: the nth of an extension's.
type meaning[F any] struct {
	extension string
	nth       int
	read      F
}

// known is guarded by its lock, but for what init does.
var known struct {
	sync.RWMutex
	events numbers[xgb.NewEventFun]
	errors numbers[xgb.NewErrorFun]
}

// init runs before there can be a connection, so it may write xgb's maps.
func init() {
	xgb.Logger.SetOutput(io.Discard) // it reports every connection
	known.events = numbers[xgb.NewEventFun]{of: xgb.NewExtEventFuncs, means: map[int]meaning[xgb.NewEventFun]{}}
	known.errors = numbers[xgb.NewErrorFun]{of: xgb.NewExtErrorFuncs, means: map[int]meaning[xgb.NewErrorFun]{}}
	xgb.NewExtEventFuncs = map[string]map[int]xgb.NewEventFun{}
	xgb.NewExtErrorFuncs = map[string]map[int]xgb.NewErrorFun{}
	for n := firstEvent; n <= lastEvent; n++ {
		xgb.NewEventFuncs[n] = readEvent
	}
	for n := firstError; n <= lastError; n++ {
		xgb.NewErrorFuncs[n] = readError
	}
}

// learn notes an extension's numbers, if they mean nothing else.
func learn(name string, event, failure int) error {
	known.Lock()
	defer known.Unlock()
	if !known.events.fit(name, event, firstEvent, lastEvent) || !known.errors.fit(name, failure, firstError, lastError) {
		return fmt.Errorf("%w: %s has events from %d and errors from %d", ErrNumbers, name, event, failure)
	}
	known.events.enter(name, event)
	known.errors.enter(name, failure)
	return nil
}

// fit says whether an extension's numbers, counted from first, mean nothing
// else and lie where they must.
func (n *numbers[F]) fit(name string, first, least, most int) bool {
	for nth := range n.of[name] {
		m, met := n.means[first+nth]
		if met && (m.extension != name || m.nth != nth) || first+nth < least || first+nth > most {
			return false
		}
	}
	return true
}

func (n *numbers[F]) enter(name string, first int) {
	for nth, read := range n.of[name] {
		n.means[first+nth] = meaning[F]{extension: name, nth: nth, read: read}
	}
}

// readEvent reads an event of 32 bytes. It never returns nil, which xgb takes
// for the end of the connection.
func readEvent(b []byte) xgb.Event {
	known.RLock()
	m, ok := known.events.means[int(b[0]&lastEvent)] // the first bit: sent by a client
	known.RUnlock()
	if !ok {
		return strangeEvent(b)
	}
	return m.read(b)
}

// readError reads an error of 32 bytes.
func readError(b []byte) xgb.Error {
	known.RLock()
	m, ok := known.errors.means[int(b[1])]
	known.RUnlock()
	if !ok {
		return strangeError(b)
	}
	return m.read(b)
}

// strangeEvent is one that no extension in use has announced.
type strangeEvent []byte

func (e strangeEvent) Bytes() []byte  { return e }
func (e strangeEvent) String() string { return fmt.Sprintf("event %d of an extension", e[0]&lastEvent) }

// strangeError is one that no extension in use has announced. All errors have
// the same form.
type strangeError []byte

func (e strangeError) SequenceId() uint16 { return xgb.Get16(e[2:]) }
func (e strangeError) BadId() uint32      { return xgb.Get32(e[4:]) }

func (e strangeError) Error() string {
	return fmt.Sprintf("error %d of an extension, of its request %d.%d", e[1], e[10], xgb.Get16(e[8:]))
}
