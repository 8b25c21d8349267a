package keys

import (
	"math/bits"
	"unicode"
)

// The bits of an X11 state, as events and QueryPointer carry them. Which of
// Mod1 to Mod5 is Alt, Num Lock or AltGr is up to the map: see Keymap.Mask.
const (
	Shift   uint16 = 1 << 0
	Lock    uint16 = 1 << 1 // Caps Lock
	Control uint16 = 1 << 2
	Mod1    uint16 = 1 << 3
	Mod2    uint16 = 1 << 4
	Mod3    uint16 = 1 << 5
	Mod4    uint16 = 1 << 6
	Mod5    uint16 = 1 << 7
	allMods uint16 = 0xff
)

// groupShift is where a state carries the group (X Keyboard Extension,
// protocol specification, 5.2.1).
const groupShift = 13

// State puts modifiers and a group together.
func State(mods uint16, group int) uint16 { return mods&allMods | uint16(group&3)<<groupShift }

// GroupOf is the group of a state, from 0.
func GroupOf(state uint16) int { return int(state >> groupShift & 3) }

// Layout is a keyboard map in the terms of the X Keyboard Extension.
type Layout struct {
	Min   uint8 // the first key's code
	Types []Type
	Keys  []Key // the key with code Min comes first
}

// Type says how modifiers choose a level of a key. Modifiers outside Mods
// don't matter to it; those of Mods that fit no entry choose level 0.
type Type struct {
	Mods    uint16
	Entries []Entry
}

// Entry gives one combination its level. The modifiers in Keep are left for
// the program to see as if the key had not used them.
type Entry struct {
	Mods  uint16
	Level int
	Keep  uint16
}

// Key is what one key does. Without groups it does nothing.
type Key struct {
	Groups   []Group
	Outside  Outside
	Redirect int
	Act      Act
	ActMods  uint16 // the modifiers that Act is about
	Mods     uint16 // the core protocol's modifier map
}

// Group is the symbols of a key in one group, by level.
type Group struct {
	Type int
	Syms []uint32
}

// Outside says what a key does in a group it doesn't have.
type Outside uint8

const (
	Wrap       Outside = 0
	Clamp      Outside = 1
	RedirectTo Outside = 2
)

// Act is what the server does by itself when the key goes down.
type Act uint8

const (
	ActNone Act = iota
	ActHold     // modifiers while it is held
	ActLock     // modifiers until it is pressed again
	ActOther
)

// Keymap answers questions about a Layout.
type Keymap struct {
	layout Layout
	by     map[rune][]spot
}

type spot struct {
	code         uint8
	group, level int
}

// NewKeymap takes l over.
func NewKeymap(l Layout) *Keymap {
	m := &Keymap{layout: l, by: make(map[rune][]spot)}
	for i, k := range l.Keys {
		for g, group := range k.Groups {
			for level, sym := range group.Syms {
				// The keypad is found by position alone: its symbols depend
				// on Num Lock, and programs tell its digits from others.
				if r := Rune(sym); r != 0 && !isPadSym(sym) {
					m.by[r] = append(m.by[r], spot{l.Min + uint8(i), g, level})
				}
			}
		}
	}
	return m
}

// Key is what the key with a code does.
func (m *Keymap) Key(code uint8) Key {
	i := int(code) - int(m.layout.Min)
	if i < 0 || i >= len(m.layout.Keys) {
		return Key{}
	}
	return m.layout.Keys[i]
}

// group is the one a key uses in a state.
func (k Key) group(state uint16) (Group, bool) {
	n, g := len(k.Groups), GroupOf(state)
	switch {
	case n == 0:
		return Group{}, false
	case g < n:
	case k.Outside == Clamp:
		g = n - 1
	case k.Outside == RedirectTo && k.Redirect < n:
		g = k.Redirect
	case k.Outside == RedirectTo:
		g = 0
	default:
		g %= n
	}
	return k.Groups[g], true
}

// Sym is the keysym a program gets for a key in a state.
func (m *Keymap) Sym(code uint8, state uint16) uint32 {
	sym, locked := m.sym(code, state)
	if locked {
		return upper(sym)
	}
	return sym
}

// Text is the character a program gets, or 0.
func (m *Keymap) Text(code uint8, state uint16) rune { return Rune(m.Sym(code, state)) }

// sym also says whether Caps Lock is on and left to the program.
func (m *Keymap) sym(code uint8, state uint16) (sym uint32, locked bool) {
	group, ok := m.Key(code).group(state)
	if !ok || group.Type < 0 || group.Type >= len(m.layout.Types) {
		return SymNone, false
	}
	t := m.layout.Types[group.Type]
	level, used := 0, t.Mods
	for _, e := range t.Entries {
		if e.Mods == state&t.Mods {
			level, used = e.Level, t.Mods&^e.Keep
			break
		}
	}
	if level >= len(group.Syms) {
		return SymNone, false
	}
	return group.Syms[level], state&Lock&^used != 0
}

// makes says whether the key surely gives r. Programs don't agree on what Caps
// Lock makes of a letter if the key leaves it to them (ß is the worst case), so
// that is not sure.
func (m *Keymap) makes(code uint8, state uint16, r rune) bool {
	sym, locked := m.sym(code, state)
	return Rune(sym) == r && !(locked && unicode.IsLower(r))
}

// Holder is a key that gives exactly the modifiers mods as long as it is held.
func (m *Keymap) Holder(mods uint16) (code uint8, ok bool) {
	for i, k := range m.layout.Keys {
		if k.Act == ActHold && k.ActMods == mods {
			return m.layout.Min + uint8(i), true
		}
	}
	return None, false
}

// Code is the first key that gives one of syms without modifiers.
func (m *Keymap) Code(syms ...uint32) (code uint8, ok bool) {
	for _, sym := range syms {
		for i := range m.layout.Keys {
			if code := m.layout.Min + uint8(i); m.Sym(code, 0) == sym {
				return code, true
			}
		}
	}
	return None, false
}

// Mask is the modifiers that a key holds or locks: 0 for one that isn't a
// modifier key here.
func (m *Keymap) Mask(code uint8) uint16 {
	if k := m.Key(code); k.Act == ActHold || k.Act == ActLock {
		return k.ActMods
	}
	return 0
}

// Stroke is a key to press and the state it has to be pressed in.
type Stroke struct {
	Code  uint8
	State uint16
}

// What a change of state costs: a group or a lock shows on the customer's
// screen, a held modifier doesn't.
const (
	costHold   = 2
	costLock   = 12
	costGroup  = 20
	costNotKey = 1 // another key than the wished one
)

// Find looks for the key that makes r with the least change of state. Of equal
// ones it takes prefer. Ctrl, Alt and Super are never part of a stroke: they
// turn text into commands; the shortcut mask names them.
func (m *Keymap) Find(r rune, state, shortcut uint16, prefer uint8) (Stroke, bool) {
	best, least := Stroke{}, -1
	try := func(code uint8, to uint16) {
		cost, ok := m.cost(state, to)
		if code != prefer {
			cost += costNotKey
		}
		if ok && (least < 0 || cost < least) && m.makes(code, to, r) {
			best, least = Stroke{code, to}, cost
		}
	}
	if prefer != None {
		try(prefer, state&^shortcut)
	}
	for _, s := range m.by[r] {
		try(s.code, state&^shortcut)
		for _, group := range []int{GroupOf(state), s.group} {
			for _, mods := range m.ways(s, state&^shortcut) {
				if mods&shortcut == 0 {
					try(s.code, State(mods, group))
				}
			}
		}
	}
	return best, least >= 0
}

// ways are the modifiers with which a spot may be reached from a state, with
// Caps Lock as it is and off.
func (m *Keymap) ways(s spot, state uint16) []uint16 {
	group := m.Key(s.code).Groups[s.group]
	if group.Type < 0 || group.Type >= len(m.layout.Types) {
		return nil
	}
	t := m.layout.Types[group.Type]
	rest := state & allMods &^ t.Mods
	var ways []uint16
	add := func(mods uint16) { ways = append(ways, rest|mods, (rest|mods)&^Lock) }
	if s.level == 0 {
		// Mostly Shift and Caps Lock together have no entry: they cancel out.
		add(0)
		add(state & t.Mods & Lock)
		add((Shift | state&Lock) & t.Mods)
	}
	for _, e := range t.Entries {
		if e.Level == s.level {
			add(e.Mods)
		}
	}
	return ways
}

// cost is what it takes to get from one state to another, and whether there
// are keys for it.
func (m *Keymap) cost(from, to uint16) (cost int, ok bool) {
	if GroupOf(from) != GroupOf(to) {
		cost += costGroup
	}
	change := (from ^ to) & allMods
	if change&Lock != 0 {
		cost += costLock
	}
	for on := to &^ from & allMods &^ Lock; on != 0; on &= on - 1 {
		if _, ok := m.Holder(on & -on); !ok {
			return 0, false
		}
	}
	return cost + costHold*bits.OnesCount16(change&^Lock), true
}

// Base looks for the key whose letter without modifiers is r: first in the
// group of state, then in the others, in which programs look for shortcuts
// too.
func (m *Keymap) Base(r rune, state uint16) (code uint8, ok bool) {
	r = unicode.ToLower(r)
	for _, s := range m.by[r] {
		if m.Text(s.code, State(0, GroupOf(state))) == r {
			return s.code, true
		}
	}
	for _, s := range m.by[r] {
		if s.level == 0 {
			return s.code, true
		}
	}
	return None, false
}

// Free are the codes of keys that do nothing and modify nothing, last first:
// the high ones are the least likely to be on anybody's keyboard.
func (m *Keymap) Free() []uint8 {
	var free []uint8
	for i := len(m.layout.Keys) - 1; i >= 0; i-- {
		if k := m.layout.Keys[i]; k.empty() && k.Act == ActNone && k.Mods == 0 {
			free = append(free, m.layout.Min+uint8(i))
		}
	}
	return free
}

func (k Key) empty() bool {
	for _, g := range k.Groups {
		for _, sym := range g.Syms {
			if sym != SymNone {
				return false
			}
		}
	}
	return true
}
