package session

import (
	"testing"

	"handrail/shared/wire"
)

func TestS09AMachineThatCannotShareItsClipboardSaysSo(t *testing.T) {
	for _, what := range []wire.Permission{wire.ClipOut, wire.ClipIn, Clipboard, wire.Control | wire.ClipOut} {
		s := talking(t, wire.RoleCustomer)
		s.cfg.CanClip = false
		effects := s.Step(begin, Heard{wire.Packet{Seq: 2, Body: &wire.Ask{ID: 1, What: what}}})
		answered := false
		for _, f := range effects {
			if send, ok := f.(Send); ok {
				a, ok := send.Packet.Body.(*wire.Answer)
				answered = answered || ok && a.Verdict == wire.CantHere
			}
		}
		if !answered || s.State().Request != nil {
			t.Errorf("%v: %#v", what, effects)
		}
	}
}
