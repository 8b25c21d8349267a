package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestImpossibleValuesAreRefusedByTheBroker(t *testing.T) {
	long, bad := strings.Repeat("n", MaxName+1), "\xff"
	key, signature, ticket := make([]byte, 32), make([]byte, 64), make([]byte, 16)
	refused(t, map[string]Message{
		"Hello of version 0":       &Hello{Role: RoleRep},
		"Hello from the broker":    &Hello{Version: 1, Role: RoleBroker},
		"Hello from nobody":        &Hello{Version: 1},
		"Hello with a long name":   &Hello{Version: 1, Role: RoleRep, Program: long},
		"Hello with two lines":     &Hello{Version: 1, Role: RoleRep, Program: "a\nb"},
		"Hello with many caps":     &Hello{Version: 1, Role: RoleRep, Caps: make([]string, MaxCaps+1)},
		"Hello with an empty cap":  &Hello{Version: 1, Role: RoleRep, Caps: []string{""}},
		"Hello with a long cap":    &Hello{Version: 1, Role: RoleRep, Caps: []string{long}},
		"Welcome before 1970":      &Welcome{Version: 1, Now: -1},
		"Welcome with a long site": &Welcome{Version: 1, Site: strings.Repeat("s", MaxCandidate+1)},
		"Enrol without code":       &Enrol{PublicKey: key, Signature: signature},
		"Enrol with half a key":    &Enrol{Code: "c", PublicKey: key[:16], Signature: signature},
		"SignIn unsigned":          &SignIn{PublicKey: key},
		"SignIn with a long key":   &SignIn{PublicKey: signature, Signature: signature},
		"SignedIn with many keys":  &SignedIn{Keys: make([]KeyMade, MaxKeys+1)},
		"SignedIn with a bad key":  &SignedIn{Keys: []KeyMade{{Number: "12345"}}},
		"NewKey for ever":          &NewKey{Life: MaxLife + 1},
		"KeyMade of five digits":   &KeyMade{Number: "12345"},
		"KeyMade of seven digits":  &KeyMade{Number: "1234567"},
		"KeyMade of letters":       &KeyMade{Number: "12345a"},
		"RevokeKey for expiry":     &RevokeKey{Number: "123456", Why: KeyExpired},
		"KeyGone for no reason":    &KeyGone{Number: "123456"},
		"KeyGone for a new reason": &KeyGone{Number: "123456", Why: KeyUsed + 1},
		"Join with wide digits":    &Join{Number: "１２３４５６"},
		"Join with a bad name":     &Join{Number: "123456", Name: bad},
		"Start without ticket":     &Start{Number: "123456"},
		"Start with a long ticket": &Start{Number: "123456", Ticket: make([]byte, MaxTicket+1)},
		"Start with many relays":   &Start{Number: "123456", Ticket: ticket, Relays: make([]Relay, MaxRelays+1)},
		"Start with no relay":      &Start{Number: "123456", Ticket: ticket, Relays: make([]Relay, 1)},
		"Signal of epoch 0":        &Signal{},
		"Signal with many":         &Signal{Epoch: 1, Candidates: strings.Fields(strings.Repeat("c ", MaxCandidates+1))},
		"Signal with a long one":   &Signal{Epoch: 1, Candidates: []string{strings.Repeat("c", MaxCandidate+1)}},
		"Signal with two lines":    &Signal{Epoch: 1, Candidates: []string{"a\r\nb"}},
		"Leave for no reason":      &Leave{},
		"Ended for a new reason":   &Ended{Why: EndNotVerified + 1},
		"Rejoin with a stub":       &Rejoin{Ticket: ticket[:8]},
		"Rejoined with bad relay":  &Rejoined{Relays: []Relay{{URL: "turn:x", User: long}}},
		"Problem without code":     &Problem{},
	})
}

func TestImpossibleValuesAreRefusedByThePeer(t *testing.T) {
	long, bad := strings.Repeat("n", MaxName+1), "\xff"
	screen := Monitor{ID: 1, W: 800, H: 600}
	with := func(change func(*Monitor)) *Sharing {
		m := screen
		change(&m)
		return &Sharing{What: View, Why: SharingGranted, Monitors: []Monitor{m}}
	}
	refused(t, map[string]Message{
		"Attach of version 0":      &Attach{},
		"Accepted by a long name":  &Accepted{Name: long},
		"Chat of nothing":          &Chat{},
		"Chat with a zero":         &Chat{Text: "a\x00b"},
		"Chat that is no text":     &Chat{Text: bad},
		"Chat that is a book":      &Chat{Text: strings.Repeat("x", MaxText+1)},
		"Chat before 1970":         &Chat{Text: "x", At: -1},
		"Ask for nothing":          &Ask{ID: 1},
		"Ask for the unknown":      &Ask{ID: 1, What: AllPermissions + 1},
		"Ask without ID":           &Ask{What: View},
		"Answer without verdict":   &Answer{ID: 1},
		"Answer of a new verdict":  &Answer{ID: 1, Verdict: TakenBack + 1},
		"Withdraw nothing":         &Withdraw{},
		"Offer of nothing":         &Offer{ID: 1, Items: 1},
		"Offer without items":      &Offer{ID: 1, Name: "a"},
		"Offer of a crowded file":  &Offer{ID: 1, Name: "a", Items: 2},
		"Offer past the limit":     &Offer{ID: 1, Name: "a", Items: 1, Size: MaxSize + 1},
		"Offer with two lines":     &Offer{ID: 1, Name: "a\nb", Items: 1},
		"Reply to nothing":         &Reply{Verdict: Allowed},
		"Halt for a new reason":    &Halt{ID: 1, Why: HaltWrong + 1},
		"GoOn without a sum":       &GoOn{ID: 1, Chunks: 1},
		"GoOn with items, no sum":  &GoOn{ID: 1, Item: 1},
		"GoOn with a sum too many": &GoOn{ID: 1, Sum: make([]byte, 32)},
		"Arrived what":             &Arrived{},
		"Clip of serial 0":         &Clip{},
		"Clip of one form twice":   &Clip{Serial: 1, Forms: []ClipForm{{Format: 1}, {Format: 1}}},
		"Clip of many forms":       &Clip{Serial: 1, Forms: make([]ClipForm, MaxForms+1)},
		"Clip past the limit":      &Clip{Serial: 1, Forms: []ClipForm{{Format: 1, Size: MaxClip + 1}}},
		"ClipWant of no form":      &ClipWant{ID: 1, Serial: 1},
		"Sharing the unknown":      &Sharing{What: AllPermissions + 1, Why: SharingGranted},
		"Sharing without reason":   &Sharing{What: View},
		"Sharing monitor 0":        with(func(m *Monitor) { m.ID = 0 }),
		"Sharing monitor 17":       with(func(m *Monitor) { m.ID = MaxMonitors + 1 }),
		"Sharing an empty monitor": with(func(m *Monitor) { m.W = 0 }),
		"Sharing a wall":           with(func(m *Monitor) { m.H = MaxPixels + 1 }),
		"Sharing from far away":    with(func(m *Monitor) { m.X = MaxOffset + 1 }),
		"Sharing from far below":   with(func(m *Monitor) { m.Y = -MaxOffset - 1 }),
		"Sharing a bad name":       with(func(m *Monitor) { m.Name = "a\x1bb" }),
		"Sharing one twice":        &Sharing{Why: SharingLayout, Monitors: []Monitor{screen, screen}},
		"Sharing too many":         &Sharing{Why: SharingLayout, Monitors: make([]Monitor, MaxMonitors+1)},
		"Sharing one not there":    &Sharing{Why: SharingLayout, Monitors: []Monitor{screen}, Monitor: 2},
		"PickMonitor 17":           &PickMonitor{Monitor: MaxMonitors + 1},
		"End for no reason":        &End{},
		"Presented nothing":        &Presented{},
	})
	if _, err := Append(nil, Packet{}); !errors.Is(err, ErrMalformed) {
		t.Errorf("a packet of nothing: %v", err)
	}
}

// refused makes sure that neither side lets any of the messages through.
func refused(t *testing.T, messages map[string]Message) {
	t.Helper()
	for name, m := range messages {
		p := Packet{Body: m}
		if Counted(m.Kind()) {
			p.Seq = 1
		}
		if _, err := Append(nil, p); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: Append says %v", name, err)
		}
		b, err := encode(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: Parse says %v", name, err)
		}
	}
}

func TestSpeakingOutOfPlace(t *testing.T) {
	tests := []struct {
		kind  Kind
		plane Plane
		from  Role
		may   bool
	}{
		{KindHello, ControlPlane, RoleCustomer, true},
		{KindHello, ControlPlane, RoleBroker, false},
		{KindHello, SessionPlane, RoleCustomer, false},
		{KindJoin, ControlPlane, RoleCustomer, true},
		{KindJoin, ControlPlane, RoleRep, false},
		{KindNewKey, ControlPlane, RoleCustomer, false},
		{KindSignal, ControlPlane, RoleBroker, true},
		{KindAsk, SessionPlane, RoleRep, true},
		{KindAsk, SessionPlane, RoleCustomer, false},
		{KindAsk, ControlPlane, RoleRep, false},
		{KindAnswer, SessionPlane, RoleCustomer, true},
		{KindAnswer, SessionPlane, RoleRep, false},
		{KindSharing, SessionPlane, RoleRep, false},
		{KindChat, SessionPlane, RoleBroker, false},
		{KindUnsupported, ControlPlane, RoleBroker, true},
		{KindChat, 0, RoleRep, false},
		{KindChat, SessionPlane, 0, false},
		{KindChat, SessionPlane, 200, false},
		{999, SessionPlane, RoleRep, false},
		{0, ControlPlane, RoleRep, false},
	}
	for _, tt := range tests {
		if got := MayCome(tt.kind, tt.plane, tt.from); got != tt.may {
			t.Errorf("%v on plane %d from %d: %v", tt.kind, tt.plane, tt.from, got)
		}
	}
}

func TestNamesAreMadeFit(t *testing.T) {
	for in, want := range map[string]string{
		"Anna":                       "Anna",
		" Anna\tMaria\n":             "Anna Maria",
		"a\x00b\x1bc\xffd":           "abcd",
		strings.Repeat("ä", MaxName): strings.Repeat("ä", MaxName/2),
		"":                           "",
	} {
		got := Name(in)
		if got != want || len(got) > MaxName || !utf8.ValidString(got) {
			t.Errorf("%q became %q", in, got)
		}
		if err := name("name", got); err != nil {
			t.Error(err)
		}
	}
}

func TestSessionsAreHexadecimalInJSON(t *testing.T) {
	id := SessionID{0: 0xab, 15: 1}
	b, err := json.Marshal(id)
	if err != nil || string(b) != `"ab000000000000000000000000000001"` {
		t.Fatalf("%s, %v", b, err)
	}
	var got SessionID
	if err := json.Unmarshal(b, &got); err != nil || got != id {
		t.Errorf("%v, %v", got, err)
	}
	for _, s := range []string{`"ab"`, `"xb000000000000000000000000000001"`} {
		if err := json.Unmarshal([]byte(s), &got); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestKindsHaveNames(t *testing.T) {
	var b bytes.Buffer
	for _, k := range []Kind{KindChat, 999} {
		b.WriteString(k.String() + ",")
	}
	if b.String() != "Chat,kind 999," {
		t.Error(b.String())
	}
}
