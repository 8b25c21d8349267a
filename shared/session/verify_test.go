package session

import (
	"testing"

	"handrail/shared/wire"
)

// unverified is a session without a key that the rep has taken.
func unverified(t *testing.T, role wire.Role, certified string) *Session {
	t.Helper()
	s := New(begin, Config{Role: role, CanControl: true, CanClip: true, Proof: wire.ProofCompare})
	s.Step(begin, Linked{Words: [3]string{"amber", "boat", "cedar"}, Certified: certified})
	s.Step(begin, Heard{wire.Packet{Body: &wire.Attach{Version: 1}}})
	if role == wire.RoleRep {
		s.Step(begin, Accept{})
	} else {
		s.Step(begin, Heard{wire.Packet{Seq: 1, Body: &wire.Accepted{Name: "Anna"}}})
	}
	return s
}

// said are the messages that a step sends.
func said(effects []Effect) (all []wire.Message) {
	for _, f := range effects {
		if s, ok := f.(Send); ok {
			all = append(all, s.Packet.Body)
		}
	}
	return all
}

func TestZ03AnUnverifiedRepMayAskForNothingButTheScreen(t *testing.T) {
	for _, tt := range []struct {
		name string
		ask  wire.Message
		want wire.Message
	}{
		{"control", &wire.Ask{ID: 1, What: wire.Control}, &wire.Answer{ID: 1, Verdict: wire.Refused}},
		{"the clipboard", &wire.Ask{ID: 1, What: wire.ClipIn}, &wire.Answer{ID: 1, Verdict: wire.Refused}},
		{"a file to be taken", &wire.Offer{ID: 1, Name: "x", Size: 1, Items: 1}, &wire.Reply{ID: 1, Verdict: wire.Refused}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := unverified(t, wire.RoleCustomer, "")
			got := said(s.Step(begin, Heard{wire.Packet{Seq: 2, Body: tt.ask}}))
			if s.State().Request != nil || len(got) != 1 || got[0].Kind() != tt.want.Kind() {
				t.Fatalf("prompt %v, says %#v", s.State().Request, got)
			}
			s.Step(begin, Compared{Same: true})
			later := begin.Add(AskRest)
			again := wire.Message(&wire.Ask{ID: 2, What: wire.Control})
			if _, file := tt.ask.(*wire.Offer); file {
				again = &wire.Offer{ID: 3, Name: "x", Size: 1, Items: 1}
			}
			s.Step(later, Heard{wire.Packet{Seq: 3, Body: again}})
			if s.State().Request == nil {
				t.Error("not asked although the words are the same")
			}
		})
	}
	s := unverified(t, wire.RoleCustomer, "")
	s.Step(begin, Heard{wire.Packet{Seq: 2, Body: &wire.Ask{ID: 1, What: wire.View}}})
	if r := s.State().Request; r == nil || r.What != wire.View {
		t.Errorf("the screen is asked for by %v", r)
	}
}

func TestZ03AnUnverifiedSessionMovesNoFilesOfEitherSide(t *testing.T) {
	for _, role := range []wire.Role{wire.RoleCustomer, wire.RoleRep} {
		s := unverified(t, role, "")
		effects := s.Step(begin, Offer{Place: "/home/maria/x", Name: "x", Size: 1, Items: 1})
		if _, ok := effects[0].(NotOffered); !ok || len(effects) != 1 || len(s.State().Transfers) != 0 {
			t.Errorf("role %d: %#v", role, effects)
		}
	}
	s := unverified(t, wire.RoleRep, "")
	s.Step(begin, Heard{wire.Packet{Seq: 1, Body: &wire.Offer{ID: 2, Name: "x", Size: 1, Items: 1}}})
	if tr := s.State().Transfers; len(tr) != 1 || tr[0].Stage != TransferRefused {
		t.Errorf("the rep is offered %v", tr)
	}
}

func TestZ03TheRepsOwnWordVerifiesNothing(t *testing.T) {
	s := unverified(t, wire.RoleRep, "")
	s.Step(begin, Compared{Same: true})
	if s.State().Verified {
		t.Error("verified by the rep")
	}
	if effects := s.Step(begin, Ask{wire.Control}); len(effects) != 0 {
		t.Errorf("asks %#v", effects)
	}
	s.Step(begin, Heard{wire.Packet{Seq: 1, Body: &wire.Verified{}}})
	if !s.State().Verified {
		t.Error("the customer's word does not count")
	}
	c := unverified(t, wire.RoleCustomer, "")
	c.Step(begin, Heard{wire.Packet{Seq: 2, Body: &wire.Verified{}}})
	if c.State().Verified {
		t.Error("the rep's program has verified itself")
	}
}

func TestZ03DifferentWordsEndTheSessionOnBothSides(t *testing.T) {
	for _, role := range []wire.Role{wire.RoleCustomer, wire.RoleRep} {
		s := unverified(t, role, "")
		effects := s.Step(begin, Compared{})
		end, ok := said(effects)[0].(*wire.End)
		if !ok || end.Why != wire.EndNotVerified || s.State().Stage != Over || s.State().Why != wire.EndNotVerified {
			t.Errorf("role %d: %#v, state %+v", role, effects, s.State())
		}
		other := unverified(t, wire.RoleRep+wire.RoleCustomer-role, "")
		seq := uint64(1)
		if role == wire.RoleRep {
			seq = 2 // Accepted was the first
		}
		other.Step(begin, Heard{wire.Packet{Seq: seq, Body: end}})
		if other.State().Why != wire.EndNotVerified {
			t.Errorf("the other side ends for %d", other.State().Why)
		}
	}
}

func TestZ04ACertifiedRepNeedsNoWordsAndHasTheNameInTheCertificate(t *testing.T) {
	s := unverified(t, wire.RoleCustomer, "Anna Weber")
	st := s.State()
	if !st.Verified || st.Certified != "Anna Weber" || st.Peer != "Anna Weber" {
		t.Fatalf("%+v", st)
	}
	// The rep's side hears of it on this connection, or on the next one.
	kept := 0
	for _, p := range s.mail.kept {
		if p.Body.Kind() == wire.KindVerified {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("said %d times", kept)
	}
	s.Step(begin, Linked{})
	s.Step(begin, Heard{wire.Packet{Body: &wire.Attach{Version: 1, Name: "Somebody", Received: 1}}})
	if got := s.State(); got.Peer != "Anna Weber" || got.Words != st.Words || !got.Verified {
		t.Errorf("on the next connection %+v", got)
	}
}

func TestZ03LaterConnectionsChangeNoWords(t *testing.T) {
	s := unverified(t, wire.RoleCustomer, "")
	before := s.State()
	s.Step(begin, Unlinked{})
	s.Step(begin, Linked{Words: [3]string{"other", "words", "here"}, Certified: "Eve"})
	if st := s.State(); st.Words != before.Words || st.Verified || st.Certified != "" {
		t.Errorf("%+v", st)
	}
}

func TestZ02ASessionWithAKeyIsVerifiedByIt(t *testing.T) {
	s := talking(t, wire.RoleCustomer)
	if !s.State().Verified {
		t.Error("not verified")
	}
	if effects := s.Step(begin, Compared{}); len(effects) != 0 || s.State().Stage != Talking {
		t.Errorf("words that there are not end it: %#v", effects)
	}
}
