package keys

import (
	"encoding/binary"
	"errors"
)

// The X Keyboard Extension's requests that Handrail uses, as bytes. Layouts are
// in XKBproto.h and in the protocol specification, appendix D.

// XkbName is the extension's name for QueryExtension.
const XkbName = "XKEYBOARD"

// ErrMap means that the bytes are no keyboard map.
var ErrMap = errors.New("keys: malformed keyboard map")

// Minor opcodes and constants of the protocol.
const (
	xkbUse       = 0
	xkbGetState  = 4
	xkbLatchLock = 5
	xkbGetMap    = 8
	xkbClient    = 21

	xkbCoreKeyboard = 0x100

	partTypes     = 1 << 0
	partSyms      = 1 << 1
	partModifiers = 1 << 2
	partActions   = 1 << 4
	parts         = partTypes | partSyms | partModifiers | partActions

	actSetMods    = 1
	actLockMods   = 3
	useModMapMods = 0x04
)

func xkbRequest(major, minor byte, words int) []byte {
	b := make([]byte, 4*words)
	b[0], b[1] = major, minor
	binary.LittleEndian.PutUint16(b[2:], uint16(words))
	return b
}

// XkbUse is the request that must come first, for version 1.0.
func XkbUse(major byte) []byte {
	b := xkbRequest(major, xkbUse, 2)
	binary.LittleEndian.PutUint16(b[4:], 1)
	return b
}

// XkbListen asks that keys which repeat come as presses without the releases in
// between, and that events carry the group even while the keyboard is grabbed.
func XkbListen(major byte) []byte {
	const detectRepeats, grabsUseState = 1, 2
	b := xkbRequest(major, xkbClient, 7)
	binary.LittleEndian.PutUint16(b[4:], xkbCoreKeyboard)
	binary.LittleEndian.PutUint32(b[8:], detectRepeats|grabsUseState)
	binary.LittleEndian.PutUint32(b[12:], detectRepeats|grabsUseState)
	return b
}

// XkbGetState asks for the state; ParseState reads the reply.
func XkbGetState(major byte) []byte {
	b := xkbRequest(major, xkbGetState, 2)
	binary.LittleEndian.PutUint16(b[4:], xkbCoreKeyboard)
	return b
}

// XkbState is the modifiers and groups in effect, by what put them there.
type XkbState struct {
	State                 uint16 // modifiers and group as programs see them
	Base, Latched, Locked uint16
	LockedGroup           int // what the lock adds to the group
	LooseGroup            int // what held and latched keys add
}

// ParseState reads the reply to XkbGetState.
func ParseState(b []byte) (XkbState, error) {
	if len(b) < 32 {
		return XkbState{}, ErrMap
	}
	base := int16(binary.LittleEndian.Uint16(b[14:]))
	latched := int16(binary.LittleEndian.Uint16(b[16:]))
	return XkbState{
		State: State(uint16(b[8]), int(b[12])),
		Base:  uint16(b[9]), Latched: uint16(b[10]), Locked: uint16(b[11]),
		LockedGroup: int(b[13]), LooseGroup: int(base) + int(latched),
	}, nil
}

// XkbLock sets the locked modifiers of mask to those of mods.
func XkbLock(major byte, mask, mods uint16) []byte {
	b := xkbRequest(major, xkbLatchLock, 4)
	binary.LittleEndian.PutUint16(b[4:], xkbCoreKeyboard)
	b[6], b[7] = byte(mask), byte(mods&mask)
	return b
}

// XkbLockGroup sets the locked group, modulo 4.
func XkbLockGroup(major byte, group int) []byte {
	b := xkbRequest(major, xkbLatchLock, 4)
	binary.LittleEndian.PutUint16(b[4:], xkbCoreKeyboard)
	b[8], b[9] = 1, byte(group&3)
	return b
}

// XkbUnlatch drops latched modifiers, which sticky keys leave for the next key.
func XkbUnlatch(major byte, mask uint16) []byte {
	b := xkbRequest(major, xkbLatchLock, 4)
	binary.LittleEndian.PutUint16(b[4:], xkbCoreKeyboard)
	b[10] = byte(mask)
	return b
}

// XkbGetMap asks for the whole map; ParseMap reads the reply.
func XkbGetMap(major byte) []byte {
	b := xkbRequest(major, xkbGetMap, 7)
	binary.LittleEndian.PutUint16(b[4:], xkbCoreKeyboard)
	binary.LittleEndian.PutUint16(b[6:], parts)
	return b
}

// reader walks through a reply. Past the end it gives zeros and remembers.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) next(n int) []byte {
	if n > len(r.b) {
		r.failed, r.b = true, nil
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func u16(b []byte) int { return int(binary.LittleEndian.Uint16(b)) }

// ParseMap reads the reply to XkbGetMap.
func ParseMap(reply []byte) (Layout, error) {
	if len(reply) < 40 {
		return Layout{}, ErrMap
	}
	head, r := reply[:40], &reader{b: reply[40:]}
	lowest, highest := head[10], head[11]
	if lowest < 8 || highest < lowest || u16(head[12:])&parts != parts {
		return Layout{}, ErrMap
	}
	l := Layout{Min: lowest, Keys: make([]Key, int(highest)-int(lowest)+1)}
	for range head[15] {
		l.Types = append(l.Types, parseType(r))
	}
	// Keys outside the map would be the server's mistake, and so would counts
	// that name more keys than there are codes.
	if int(head[17])+int(head[20]) > 256 || int(head[21])+int(head[24]) > 256 {
		return Layout{}, ErrMap
	}
	spare := Key{}
	key := func(code int) *Key {
		if i := code - int(lowest); i >= 0 && i < len(l.Keys) {
			return &l.Keys[i]
		}
		return &spare
	}
	for i := range int(head[20]) {
		if parseSyms(r, key(int(head[17])+i)); r.failed {
			return Layout{}, ErrMap
		}
	}
	counts := r.next((int(head[24]) + 3) &^ 3)
	for i := range int(head[24]) {
		if n := int(counts[i]); n > 0 {
			parseAct(r.next(8*n), key(int(head[21])+i))
		}
	}
	n := int(head[33])
	mods := r.next((2*n + 3) &^ 3)
	for i := range n {
		key(int(mods[2*i])).Mods = uint16(mods[2*i+1])
	}
	if r.failed {
		return Layout{}, ErrMap
	}
	for i := range l.Keys {
		if k := &l.Keys[i]; k.Act != ActNone && k.ActMods == useMap {
			k.ActMods = k.Mods
		}
	}
	return l, nil
}

// useMap in Key.ActMods stands, while parsing, for the modifier map's entry.
const useMap = 0xffff

func parseType(r *reader) Type {
	head := r.next(8)
	t := Type{Mods: uint16(head[0])}
	n := int(head[5])
	entries := r.next(8 * n)
	var keep []byte
	if head[6] != 0 {
		keep = r.next(4 * n)
	}
	for i := range n {
		e := entries[8*i:]
		if e[0] == 0 { // names a virtual modifier that no key has
			continue
		}
		entry := Entry{Mods: uint16(e[1]), Level: int(e[2])}
		if keep != nil {
			entry.Keep = uint16(keep[4*i])
		}
		t.Entries = append(t.Entries, entry)
	}
	return t
}

func parseSyms(r *reader, k *Key) {
	head := r.next(8)
	groups, width, n := int(head[4]&0x0f), int(head[5]), u16(head[6:])
	syms := r.next(4 * n)
	if groups > 4 || groups*width > n {
		r.failed = true
		return
	}
	k.Outside, k.Redirect = Outside(head[4]>>6&3), int(head[4]>>4&3)
	k.Groups = make([]Group, groups)
	for g := range groups {
		k.Groups[g] = Group{Type: int(head[g]), Syms: make([]uint32, width)}
		for i := range width {
			k.Groups[g].Syms[i] = binary.LittleEndian.Uint32(syms[4*(g*width+i):])
		}
	}
}

// parseAct takes the action of the first level, which is the one without
// modifiers.
func parseAct(b []byte, k *Key) {
	switch b[0] {
	case 0:
		return
	case actSetMods:
		k.Act = ActHold
	case actLockMods:
		k.Act = ActLock
	default:
		k.Act = ActOther
		return
	}
	k.ActMods = uint16(b[2])
	if b[1]&useModMapMods != 0 {
		k.ActMods = useMap
	}
}
