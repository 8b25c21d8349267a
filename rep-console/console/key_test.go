package console

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func TestP03TheSecretIsMadeHereAndTheBrokerNeverHearsIt(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	equal(d, "number", k.Number, "482913")
	if len(k.Code.Secret) != secret.Digits {
		t.Fatalf("secret %q", k.Code.Secret)
	}
	d.step(CopyLink{k.Number}, CopyInvitation{k.Number}, MailInvitation{k.Number})
	d.step(KeyEntered{ID: wire.SessionID{1}, Number: k.Number}, KeyFree{k.Number})
	d.step(Revoke{k.Number}, Yes{})
	for _, f := range d.effects() {
		if meet, ok := f.(Meet); ok {
			equal(d, "proven code", meet.Code, k.Code)
			continue
		}
		if said := fmt.Sprintf("%+v", f); strings.Contains(said, k.Code.Secret) || strings.Contains(said, secret.Group(k.Code.Secret)) {
			t.Errorf("the secret leaves in %T", f)
		}
	}
}

func TestP03AKeyLivesTenMinutesUnlessChosenOtherwise(t *testing.T) {
	rows := []struct{ ask, want time.Duration }{
		{0, 10 * time.Minute},
		{5 * time.Minute, 5 * time.Minute},
		{time.Hour, time.Hour},
		{8 * time.Hour, 8 * time.Hour},
		{time.Second, 10 * time.Minute}, // not on offer
	}
	for _, r := range rows {
		d := signedIn(t)
		d.step(NewKey{Life: r.ask})
		equal(d, "life asked of the broker", did[MakeKey](d)[0].Life, r.want)
		k := d.m.State().Keys[0]
		d.pass(r.want - time.Second)
		equal(d, "just before its end", d.m.State().Keys[0].Stage, KeyOpen)
		d.pass(time.Second)
		equal(d, "at its end", d.m.State().Keys[0].Stage, KeyExpired)
		d.step(KeyEntered{ID: wire.SessionID{1}, Number: k.Number})
		equal(d, "turned away", len(did[TurnAway](d)), 1)
	}
}

func TestP03ThreeWrongSecretsBurnTheKey(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	for n := 1; n <= 3; n++ {
		d.step(KeyEntered{ID: wire.SessionID{byte(n)}, Number: k.Number})
		equal(d, "stage", d.m.State().Keys[0].Stage, KeyEntering)
		d.step(KeyTried{k.Number})
		equal(d, "tries", d.m.State().Keys[0].Tried, n)
	}
	equal(d, "stage", d.m.State().Keys[0].Stage, KeyBurnt)
	equal(d, "the broker hears", did[TakeKeyBack](d), []TakeKeyBack{{k.Number, wire.KeyBurnt}})
	equal(d, "the rep hears", len(did[Notify](d)), 1)
	d.step(KeyEntered{ID: wire.SessionID{4}, Number: k.Number})
	equal(d, "met", len(did[Meet](d)), 3)
	equal(d, "turned away", did[TurnAway](d), []TurnAway{{wire.SessionID{4}}})
}

// A hostile broker could start a thousand tries at once.
func TestP03AKeyIsTriedOnceAtATime(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	for n := range 100 {
		d.step(KeyEntered{ID: wire.SessionID{byte(n)}, Number: k.Number})
	}
	equal(d, "met", len(did[Meet](d)), 1)
	equal(d, "turned away", len(did[TurnAway](d)), 99)
}

func TestP03AKeyServesOneSession(t *testing.T) {
	d := signedIn(t)
	d.arrive(1, "Maria")
	d.effects()
	k := d.m.State().Keys[0]
	equal(d, "stage", k.Stage, KeyUsed)
	d.step(KeyEntered{ID: wire.SessionID{2}, Number: k.Number})
	equal(d, "turned away", len(did[TurnAway](d)), 1)
	d.pass(UsedTime)
	equal(d, "cards after a while", len(d.m.State().Keys), 0)
}

func TestP03ACustomerWhoGaveUpCostsNoTry(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	d.step(KeyEntered{Number: k.Number}, KeyGone{k.Number, wire.KeyUsed}, KeyFree{k.Number})
	equal(d, "stage", d.m.State().Keys[0].Stage, KeyOpen)
	equal(d, "tries", d.m.State().Keys[0].Tried, 0)
}

func TestP04TheLinkCarriesTheNumberAlone(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	d.step(CopyLink{k.Number})
	equal(d, "copied", did[Copy](d), []Copy{{"https://help.example/s/482913"}})
}

func TestP04TheMailSaysHowToBegin(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	d.step(MailInvitation{k.Number})
	u, err := url.Parse(did[OpenMail](d)[0].URL)
	if err != nil || u.Scheme != "mailto" {
		t.Fatalf("%v %v", u, err)
	}
	if strings.ContainsAny(u.RawQuery, "+ \r\n") {
		t.Errorf("RFC 6068 wants %%20 for spaces and no bare line ends: %s", u.RawQuery)
	}
	q := u.Query()
	equal(d, "subject", q.Get("subject"), "Your remote support session with Alpine Support")
	for _, want := range []string{"https://help.example/s/482913", "482 913", "09:40", "Robin Rep, Alpine Support", "\r\n"} {
		if !strings.Contains(q.Get("body"), want) {
			t.Errorf("the body lacks %q:\n%s", want, q.Get("body"))
		}
	}
}

func TestP04WithoutAPageTheInvitationNamesTheNumber(t *testing.T) {
	d := newDesk(t)
	d.step(Site{Organisation: "Alpine Support"}, SignedIn{Name: "Robin"})
	k := d.key()
	equal(d, "link", k.Link, "")
	d.effects()
	d.step(CopyLink{k.Number}, CopyInvitation{k.Number})
	copied := did[Copy](d)
	if len(copied) != 1 || !strings.Contains(copied[0].Text, "482 913") || strings.Contains(copied[0].Text, "http") {
		t.Errorf("copied %q", copied)
	}
}

func TestK06CopyingAKeyGivesItAsItIsTyped(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	d.step(CopyKey{k.Number})
	code, err := secret.ParseCode(did[Copy](d)[0].Text)
	equal(d, "parsed", code, k.Code)
	equal(d, "error", err, nil)
	if d.m.State().Note == "" {
		t.Error("nothing says that it was copied")
	}
	d.pass(NoteTime)
	equal(d, "remark after a while", d.m.State().Note, "")
}

func TestK06RevokingAsksOnce(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	d.effects()
	d.step(Revoke{k.Number})
	equal(d, "question", d.m.State().Question, Question{Ask: RevokeKey, Number: k.Number})
	equal(d, "taken back before the answer", len(did[TakeKeyBack](d)), 0)
	d.step(No{})
	equal(d, "stage", d.m.State().Keys[0].Stage, KeyOpen)
	d.step(Revoke{k.Number}, Yes{})
	equal(d, "stage", d.m.State().Keys[0].Stage, KeyRevoked)
	equal(d, "the broker hears", did[TakeKeyBack](d), []TakeKeyBack{{k.Number, wire.KeyRevoked}})
	d.step(CopyKey{k.Number}, CopyLink{k.Number}, MailInvitation{k.Number})
	equal(d, "copied from a dead key", len(did[Copy](d))+len(did[OpenMail](d)), 0)
	d.step(PutAway{k.Number})
	equal(d, "cards", len(d.m.State().Keys), 0)
}

func TestK06AQuestionGoesWithItsKey(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	d.step(Revoke{k.Number})
	d.pass(10 * time.Minute)
	equal(d, "question", d.m.State().Question, Question{})
}

func TestK06ACustomerWhoseKeyWasTakenBackMeanwhileIsNotLetIn(t *testing.T) {
	d := signedIn(t)
	k := d.key()
	id := wire.SessionID{1}
	d.step(KeyEntered{ID: id, Number: k.Number}, Revoke{k.Number}, Yes{}, SessionArrived{ID: id, Number: k.Number})
	equal(d, "sessions", len(d.m.State().Sessions), 0)
	equal(d, "sent away", did[Do](d), []Do{{id, session.Leave{}}})
}

func TestK06EndsTheBrokerReportsAreShown(t *testing.T) {
	rows := map[wire.KeyEnd]KeyStage{
		wire.KeyRevoked: KeyRevoked, wire.KeyBurnt: KeyBurnt, wire.KeyExpired: KeyExpired, wire.KeyUsed: KeyUsed,
	}
	for why, want := range rows {
		d := signedIn(t)
		k := d.key()
		d.step(KeyGone{k.Number, why})
		equal(d, "stage", d.m.State().Keys[0].Stage, want)
	}
}

func TestKeysOutliveALostConnection(t *testing.T) {
	d := signedIn(t)
	kept, revoked, gone := d.key(), d.key(), d.key()
	d.step(Unlinked{Problem: words.BrokerAway}, Revoke{revoked.Number}, Yes{})
	d.step(NewKey{})
	equal(d, "asked for a key without a connection", d.m.State().Making, false)
	d.effects()
	d.step(Linked{}, SignedIn{Name: "Robin", Keys: []KeyMade{
		{Number: kept.Number, Expires: kept.Expires},
		{Number: revoked.Number, Expires: kept.Expires},
		{Number: "111111", Expires: kept.Expires}, // of an earlier run: nobody knows its secret
	}})
	stages := map[string]KeyStage{}
	for _, k := range d.m.State().Keys {
		stages[k.Number] = k.Stage
	}
	equal(d, "stages", stages, map[string]KeyStage{kept.Number: KeyOpen, revoked.Number: KeyRevoked, gone.Number: KeyExpired})
	equal(d, "taken back", did[TakeKeyBack](d), []TakeKeyBack{{revoked.Number, wire.KeyRevoked}, {"111111", wire.KeyRevoked}})
}

func TestARequestWhoseAnswerWasLostIsSentAgain(t *testing.T) {
	for _, made := range []bool{false, true} {
		d := signedIn(t)
		ask := d.m.Step(d.now, NewKey{})[0].(MakeKey)
		d.step(Unlinked{Problem: words.BrokerAway})
		back := SignedIn{Name: "Robin"}
		if made { // at the broker, but we never heard
			back.Keys = []KeyMade{{Request: ask.Request, Number: "777777", Expires: d.now.Add(time.Minute)}}
		}
		again := d.m.Step(d.now, back)
		if made {
			equal(d, "effects", len(again), 0)
			equal(d, "number", d.m.State().Keys[0].Number, "777777")
		} else {
			equal(d, "effects", again, []Effect{ask})
		}
	}
}

// TestAKeyThatWasAskedForIsForgottenWithTheLogin: nobody finds a key the next
// morning that the evening's lost connection has swallowed.
func TestAKeyThatWasAskedForIsForgottenWithTheLogin(t *testing.T) {
	d := signedIn(t)
	d.m.Step(d.now, NewKey{})
	d.m.Step(d.now, Unlinked{Problem: words.BrokerAway})
	d.m.Step(d.now, NeedLogin{})
	d.now = d.now.Add(12 * time.Hour)
	for _, f := range d.m.Step(d.now, SignedIn{Name: "Robin Rep"}) {
		if _, makes := f.(MakeKey); makes {
			t.Error("a key is asked for that nobody wants any more")
		}
	}
	equal(d, "making", d.m.State().Making, false)
}

func TestAKeyThatCannotBeMadeSaysWhy(t *testing.T) {
	d := signedIn(t)
	ask := d.m.Step(d.now, NewKey{})[0].(MakeKey)
	equal(d, "making", d.m.State().Making, true)
	d.step(NewKey{})
	equal(d, "a second request meanwhile", len(did[MakeKey](d)), 0)
	d.step(KeyFailed{ask.Request, words.BrokerBusy})
	equal(d, "making", d.m.State().Making, false)
	equal(d, "problem", d.m.State().KeyProblem, words.BrokerBusy)
	d.step(NewKey{})
	equal(d, "problem", d.m.State().KeyProblem, words.NoProblem)
}

type noRand struct{}

func (noRand) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

func TestWithoutRandomnessThereIsNoKey(t *testing.T) {
	d := signedIn(t)
	d.m.cfg.Rand = noRand{}
	d.step(NewKey{})
	equal(d, "keys", len(d.m.State().Keys), 0)
	equal(d, "problem", d.m.State().KeyProblem, words.Unexpected)
}

func TestTheCountdownOfAKeyIsShownInTime(t *testing.T) {
	rows := []struct{ left, next time.Duration }{
		{8 * time.Hour, time.Minute},
		{90*time.Minute + 20*time.Second, 20 * time.Second},
		{10 * time.Minute, time.Second},
		{9*time.Minute + 300*time.Millisecond, 300 * time.Millisecond},
		{time.Second, time.Second},
	}
	for _, r := range rows {
		equal(t, fmt.Sprint(r.left), nextStep(r.left), r.next)
	}
}

func TestW02TheRepSeesWhatACustomerOfAKeySaidToBeingRecorded(t *testing.T) {
	for said, known := range map[wire.Consent]bool{wire.ConsentNotAsked: false, wire.ConsentGiven: true, wire.ConsentDeclined: true} {
		d := signedIn(t)
		k, id := d.key(), wire.SessionID{1}
		d.step(KeyEntered{ID: id, Number: k.Number}, SessionArrived{ID: id, Number: k.Number, Recording: said})
		s := d.m.State()
		x, _ := s.Session(id)
		equal(d, "is known", x.Visitor != nil, known)
		if known {
			equal(d, "said", x.Visitor.Recording, said)
		}
	}
}
