package screen

import (
	"encoding/binary"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/x11"
)

// The X Synchronization Extension, of which xgb knows nothing: requests and
// constants of its protocol, version 3.1.
const (
	syncName = "SYNC"

	syncInitialize         = 0
	syncListSystemCounters = 1
	syncCreateAlarm        = 8

	syncAlarmNotify = 1 // counted from the extension's first event

	alarmCounter, alarmValue, alarmTest, alarmDelta = 1, 1 << 2, 1 << 3, 1 << 4
	negativeTransition                              = 1
)

// pointerIdle are the server's counters of milliseconds since the last input:
// of the pointer, which is device 2 of every server with the X Input Extension
// 2, or else of any input.
var pointerIdle = [...]string{"DEVICEIDLETIME 2", "IDLETIME"}

// stirAfter is for how many milliseconds a pointer must have been still for
// its next stir to be told. So at most twenty are told in a second.
const stirAfter = 50

// stir asks the server to tell when the pointer moves after it was still: one
// event, where raw motion events would be a thousand a second, and longer than
// the 32 bytes that xgb reads. What places the pointer without a device, a
// program, is not told. It returns the number of the event.
func stir(c *xgb.Conn) (event byte, err error) {
	// x11.Use says nothing of the event's number.
	found, err := xproto.QueryExtension(c, uint16(len(syncName)), syncName).Reply()
	if err != nil {
		return 0, fmt.Errorf("screen: asking for %s: %w", syncName, err)
	}
	if err := x11.Use(c, syncName); err != nil {
		return 0, err
	}
	major := found.MajorOpcode
	if _, err := x11.Ask(c, []byte{major, syncInitialize, 2, 0, 3, 1, 0, 0}).Reply(); err != nil {
		return 0, fmt.Errorf("screen: starting %s: %w", syncName, err)
	}
	reply, err := x11.Ask(c, []byte{major, syncListSystemCounters, 1, 0}).Reply()
	if err != nil {
		return 0, fmt.Errorf("screen: asking for counters: %w", err)
	}
	counters := countersOf(reply)
	for _, name := range pointerIdle {
		if counter, ok := counters[name]; ok {
			return found.FirstEvent + syncAlarmNotify, alarm(c, major, counter)
		}
	}
	return 0, fmt.Errorf("%w: a counter of time since the last input", x11.ErrMissing)
}

// alarm is told each time counter falls to stirAfter.
func alarm(c *xgb.Conn, major byte, counter uint32) error {
	id, err := c.NewId()
	if err != nil {
		return fmt.Errorf("screen: getting an id: %w", err)
	}
	b := []byte{major, syncCreateAlarm, 0, 0}
	for _, v := range []uint32{
		id, alarmCounter | alarmValue | alarmTest | alarmDelta,
		counter, 0, stirAfter, negativeTransition, 0, 0, // numbers of 64 bits: the upper half first
	} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	binary.LittleEndian.PutUint16(b[2:], uint16(len(b)/4))
	cookie := c.NewCookie(true, false)
	c.NewRequest(b, cookie)
	if err := cookie.Check(); err != nil {
		return fmt.Errorf("screen: setting an alarm: %w", err)
	}
	return nil
}

// countersOf reads a reply to ListSystemCounters: after 32 bytes, of which
// four from the eighth are their number, for each counter its id, eight bytes
// of resolution, the length of its name and the name, padded to four bytes.
func countersOf(reply []byte) map[string]uint32 {
	counters := map[string]uint32{}
	if len(reply) < 32 {
		return counters
	}
	n, rest := binary.LittleEndian.Uint32(reply[8:]), reply[32:]
	for ; n > 0 && len(rest) >= 14; n-- {
		id, end := binary.LittleEndian.Uint32(rest), 14+int(binary.LittleEndian.Uint16(rest[12:]))
		if end > len(rest) {
			break
		}
		counters[string(rest[14:end])] = id
		rest = rest[min((end+3)&^3, len(rest)):]
	}
	return counters
}
