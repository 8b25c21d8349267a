package consoleview

import (
	"fmt"
	"strings"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// noon is when all scenes play.
func noon() time.Time { return time.Date(2031, 3, 4, 12, 0, 0, 0, time.UTC) }

// scene is a State to look at.
type scene struct {
	name  string
	state console.State
}

// at is a desk at which the rep is signed in.
func at() console.State {
	return console.State{
		Now: noon(), SignIn: console.In, Rep: "Robin Weber", Organisation: "Alpine Support",
		Settings: console.Settings{Life: 10 * time.Minute, Split: 0.68},
	}
}

func with(s console.State, change ...func(*console.State)) console.State {
	for _, f := range change {
		f(&s)
	}
	return s
}

// key adds a key.
func key(number, half string, left time.Duration, change ...func(*console.Key)) func(*console.State) {
	return func(s *console.State) {
		k := console.Key{
			Number: number, Code: secret.Code{Number: number, Secret: half},
			Link: "https://help.example/s/" + number, Expires: s.Now.Add(left), Mine: len(s.Keys) == 0,
		}
		for _, f := range change {
			f(&k)
		}
		s.Keys = append(s.Keys, k)
	}
}

func staged(stage console.KeyStage, tried int) func(*console.Key) {
	return func(k *console.Key) {
		k.Stage, k.Tried = stage, tried
		k.Mine = k.Mine && stage.Live()
		k.Ended = noon().Add(-time.Minute)
	}
}

func id(n int) wire.SessionID { return wire.SessionID{byte(n), byte(n >> 8)} }

// visit adds a session; in front if it is the first that was taken.
func visit(n int, name string, stage session.Stage, change ...func(*console.Session)) func(*console.State) {
	return func(s *console.State) {
		x := console.Session{
			ID: id(n), Number: fmt.Sprint(482912 + n), Name: name, Since: s.Now.Add(-13 * time.Minute),
			Taken: stage != session.Waiting, Path: console.Path{Known: true, Direct: true, RTT: 12 * time.Millisecond},
		}
		x.State = session.State{
			Role: wire.RoleRep, Stage: stage, Me: s.Rep, Peer: name, PeerSystem: "linux", Linked: stage != session.Over,
			Began: s.Now.Add(-12 * time.Minute), Acked: 99,
		}
		if x.Taken {
			x.State.Lines = []session.Line{{At: x.State.Began, Kind: session.LineAccepted}}
		}
		for _, f := range change {
			f(&x)
		}
		s.Sessions = append(s.Sessions, x)
		if x.Taken {
			s.Tabs = append(s.Tabs, x.ID)
			if (s.Selected == wire.SessionID{}) {
				s.Selected = x.ID
			}
		}
	}
}

// said adds lines of chat; those that begin with ">" are the rep's.
func said(lines ...string) func(*console.Session) {
	return func(x *console.Session) {
		for i, l := range lines {
			text, mine := strings.CutPrefix(l, ">")
			x.State.Lines = append(x.State.Lines, session.Line{
				At: x.State.Began.Add(time.Duration(20*i+15) * time.Second), Kind: session.LineChat, Mine: mine, Text: text, Seq: uint64(i + 1),
			})
		}
	}
}

func granted(what wire.Permission, monitors ...wire.Monitor) func(*console.Session) {
	return func(x *console.Session) {
		x.State.Granted, x.State.Monitors, x.State.SharedAt = what, monitors, noon().Add(-time.Minute)
		x.State.Lines = append(x.State.Lines,
			session.Line{At: x.State.Began.Add(5 * time.Minute), Kind: session.LineAsked, What: what},
			session.Line{At: x.State.Began.Add(6 * time.Minute), Kind: session.LineAnswered, What: what, Verdict: wire.Allowed},
			session.Line{At: x.State.Began.Add(6 * time.Minute), Kind: session.LineSharing, What: what, Sharing: wire.SharingGranted})
	}
}

func talk() func(*console.Session) {
	return said("Hello? My printer says it is offline.", ">Hello Maria, I am Robin. I will help you with that.",
		"Thank you! It worked yesterday.", ">May I have a look at your screen?")
}

func unread(n int) func(*console.Session) { return func(x *console.Session) { x.Unread = n } }

func since(d time.Duration) func(*console.Session) {
	return func(x *console.Session) { x.Since = noon().Add(-d) }
}

// scenes are the states a rep meets.
func scenes() []scene {
	two := []wire.Monitor{{ID: 1, W: 1920, H: 1080, Primary: true}, {ID: 2, X: 1920, W: 1280, H: 1024}}
	fresh := console.State{Now: noon(), Organisation: "Alpine Support", Settings: at().Settings}
	away := at()
	away.SignIn, away.Problem, away.RetryAt = console.Away, words.BrokerAway, noon().Add(5*time.Second)
	return []scene{
		{"no-site", console.State{Now: noon(), Problem: words.NoSite}},
		{"connecting", with(fresh, func(s *console.State) { s.SignIn = console.Connecting })},
		{"unreachable", with(fresh, func(s *console.State) {
			s.SignIn, s.Problem, s.RetryAt = console.Connecting, words.BrokerAway, noon().Add(5*time.Second)
		})},
		{"enrol", with(fresh, func(s *console.State) { s.SignIn = console.Unknown })},
		{"enrol-refused", with(fresh, func(s *console.State) { s.SignIn, s.Problem = console.Unknown, words.BadEnrolment })},
		{"first-start", at()},
		{"one-key", with(at(), key("482913", "507264", 9*time.Minute+41*time.Second))},
		{"key-entering", with(at(), key("482913", "507264", 9*time.Minute, staged(console.KeyEntering, 1)))},
		{"key-question", with(at(), key("482913", "507264", 9*time.Minute), func(s *console.State) {
			s.Question = console.Question{Ask: console.RevokeKey, Number: "482913"}
		})},
		{"many-keys", with(at(), key("482913", "507264", 9*time.Minute), key("482914", "507265", 47*time.Minute),
			key("482915", "111111", 7*time.Hour+12*time.Minute), key("482916", "222222", 4*time.Minute, staged(console.KeyOpen, 2)),
			key("482917", "333333", time.Minute, staged(console.KeyEntering, 0)), key("482918", "444444", 0, staged(console.KeyBurnt, 3)),
			key("482919", "555555", 0, staged(console.KeyExpired, 0)), key("482920", "666666", 0, staged(console.KeyRevoked, 0)),
			key("482921", "777777", 0, staged(console.KeyUsed, 0)))},
		{"waiting", with(at(), visit(1, "Maria Huber", session.Waiting, since(130*time.Second)), visit(2, "Customer 482 914", session.Waiting, since(time.Second)))},
		{"chat", with(at(), visit(1, "Maria Huber", session.Talking, talk()))},
		{"asking", with(at(), visit(1, "Maria Huber", session.Talking, talk(), func(x *console.Session) {
			x.State.Request = &session.Request{ID: 1, What: wire.View | wire.Control}
		}))},
		{"refused", with(at(), visit(1, "Maria Huber", session.Talking, talk(), func(x *console.Session) {
			x.State.AskFrom, x.State.NudgeFrom = noon().Add(7*time.Second), noon().Add(9500*time.Millisecond)
		}))},
		{"viewing", with(at(), visit(1, "Maria Huber", session.Talking, talk(), granted(wire.View)))},
		{"controlling", with(at(), visit(1, "Maria Huber", session.Talking, talk(), granted(wire.View|wire.Control, two...)))},
		{"cut", with(away, visit(1, "Maria Huber", session.Talking, talk(), granted(wire.View|wire.Control), func(x *console.Session) {
			x.State.Linked = false
		}))},
		{"end-question", with(at(), visit(1, "Maria Huber", session.Talking, talk()), func(s *console.State) {
			s.Question = console.Question{Ask: console.EndSession, ID: id(1)}
		})},
		{"quit-question", with(at(), visit(1, "Maria Huber", session.Talking, talk()), func(s *console.State) {
			s.Question = console.Question{Ask: console.QuitConsole, Count: 3}
		})},
		{"ended", with(at(), visit(1, "Maria Huber", session.Over, talk(), func(x *console.Session) {
			x.State.Why = wire.EndByCustomer
			x.State.Lines = append(x.State.Lines, session.Line{At: noon(), Kind: session.LineEnded, Why: wire.EndByCustomer})
		}))},
		{"many-sessions", manySessions()},
		{"long-names", with(at(), func(s *console.State) {
			s.Organisation = "Internationale Gesellschaft für Fernwartung und Kundenbetreuung mbH"
			s.Rep = "Maximiliane-Alexandra von und zu Hohenstein-Weißenburg"
		}, key("482913", "507264", 9*time.Minute), visit(1, "Καλλιόπη Παπαδοπούλου-Κωνσταντινίδη, Λογιστήριο, 3ος όροφος", session.Talking, talk(), granted(wire.View|wire.Control, two...)),
			visit(2, "Bartholomew Featherstonehaugh-Cholmondeley the Third", session.Waiting))},
	}
}

func manySessions() console.State {
	s := with(at(), key("482913", "507264", 9*time.Minute),
		visit(31, "Aiko Tanaka", session.Waiting, since(3*time.Minute)),
		visit(32, "Jürgen Groß", session.Waiting, since(time.Minute)))
	names := []string{"Maria Huber", "Noor Haddad", "Çağla Öztürk", "Liam O’Brien", "Ana Kovačević", "Pavel Novák", "Chiara Rossi", "Bo Li", "Ingrid Ås"}
	for i, n := range names {
		stage := session.Talking
		if i > 6 {
			stage = session.Over
		}
		var change []func(*console.Session)
		change = append(change, talk(), unread(i*i%7))
		if i == 2 {
			change = append(change, granted(wire.View))
		}
		visit(i+1, n, stage, change...)(&s)
	}
	return s
}
