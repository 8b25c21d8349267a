package link

import "handrail/shared/wire"

// moveGate puts pointer moves back between the edges they belong to. Edges
// come in order, moves as datagrams: too early, too late or not at all. A
// click must never land where a late move has put the pointer, so a move goes
// through only while the edge it follows is the last one let through.
type moveGate struct {
	edge    uint64      // Seq of the last edge let through; 0 before the first
	early   []wire.Move // follow an edge that hasn't come; one for each edge, the newest
	dropped uint64
}

// maxEarly is more edges than a hand makes while one packet is sent again.
const maxEarly = 16

// edgeCame lets an edge through and gives the move that has waited for it, if
// any. ok is false when edges run backwards, which an honest sender never does.
func (g *moveGate) edgeCame(seq uint64) (next wire.Move, waited, ok bool) {
	if seq <= g.edge {
		return wire.Move{}, false, false
	}
	g.edge = seq
	kept := g.early[:0]
	for _, m := range g.early {
		switch {
		case m.After == seq:
			next, waited = m, true
		case m.After > seq:
			kept = append(kept, m)
		default:
			g.dropped++
		}
	}
	g.early = kept
	return next, waited, true
}

// moveCame says whether m may go through now. If not, it was too late, or it
// is kept for its edge.
func (g *moveGate) moveCame(m wire.Move) bool {
	if m.After == g.edge {
		return true
	}
	if m.After < g.edge {
		g.dropped++
		return false
	}
	oldest := 0
	for i, e := range g.early {
		if e.After == m.After {
			g.early[i] = m
			g.dropped++
			return false
		}
		if e.After < g.early[oldest].After {
			oldest = i
		}
	}
	if len(g.early) < maxEarly {
		g.early = append(g.early, m)
		return false
	}
	g.dropped++
	g.early[oldest] = m
	return false
}
