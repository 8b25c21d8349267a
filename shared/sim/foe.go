package sim

import "handrail/shared/wire"

// Foe makes packets of messages that no program of ours would send.
type Foe struct {
	Seq uint64 // of the last counted packet
}

// Packet is the packet of a message, with the number that is due if it is a
// counted one.
func (f *Foe) Packet(m wire.Message) wire.Packet {
	p := wire.Packet{Body: m}
	if wire.Counted(m.Kind()) {
		f.Seq++
		p.Seq = f.Seq
	}
	return p
}

// Many makes n messages.
func Many(n int, m func(i uint32) wire.Message) []wire.Message {
	all := make([]wire.Message, n)
	for i := range all {
		all[i] = m(uint32(i))
	}
	return all
}
