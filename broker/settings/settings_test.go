package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"reflect"
	"strings"
	"testing"
	"time"

	"handrail/broker/hours"
	"handrail/broker/people"
	"handrail/broker/policy"
	"handrail/broker/prose"
	"handrail/shared/wire"
	"handrail/shared/words"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func logo(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// everything are settings in which nothing is left out.
func everything(t testing.TB) Settings {
	t.Helper()
	s := Default("Green Branch")
	s.Portals[Main] = Portal{
		ID: Main, Name: "Green Branch", Hosts: []string{"help.example.org", "192.0.2.7"}, Languages: []string{"de", "en", "pt-BR"},
		Look:   Look{Colour: "#2e7d32", Logo: logo(t, 40, 20)},
		Starts: Starts{Key: true, Reps: true, Issues: true},
		Hours: hours.Schedule{
			Limited: true, Zone: "Europe/Berlin",
			Week:     hours.Week{time.Monday: {{From: 540, To: 1020}}, time.Sunday: {{From: 600, To: 1440}}},
			Holidays: []hours.Holiday{{Date: hours.Date{Year: 2026, Month: 12, Day: 24}, Name: "Christmas Eve", Open: []hours.Span{{From: 540, To: 720}}}},
		},
		Notices: []Notice{{ID: 3, Title: "Mail is down", Text: "We know.\n\n**Please wait.**", Until: noon, Leave: true, Pushed: true}},
		Issues:  []Issue{{ID: "printer", Names: map[string]string{"de": "Drucker", "en": "Printer"}, Team: 2}},
		Form: Form{CompanyCode: true, Fields: []Field{
			{ID: "asset", Names: map[string]string{"en": "Asset tag"}, Required: true},
		}},
		Agreement: Agreement{On: true, Minutes: 10}, Recording: true,
		Waiting: Waiting{Position: true, Estimate: true, HoldEvery: 90},
		Nobody:  Nobody{URL: "https://example.org/later", Minutes: 5, Stay: true},
		Lost:    Lost{NoOtherRep: true, NoLastQueue: true, NoFirstQueue: true, Fallback: "team:2", After: 30},
		Survey: []Question{
			{ID: 1, Form: wire.FormRating, Texts: map[string]string{"en": "How was it?"}, Required: true},
			{ID: 2, Form: wire.FormOne, Texts: map[string]string{"en": "Solved?"}, Options: []map[string]string{{"en": "Yes"}, {"en": "No"}}},
		},
		RepSurvey: []Question{{
			ID: 1, Form: wire.FormSome, Texts: map[string]string{"en": "What was it?"}, Options: []map[string]string{{"en": "Paper"}, {"en": "Ink"}},
			Required: true,
		}},
		ExitURL: "https://example.org/thanks", Policy: policy.Policy{policy.Control: policy.Deny},
		Texts: map[string]map[TextName]string{"de": {Greeting: "Hallo {name}, Platz {position}"}, "en": {Welcome: "Hello"}},
	}
	s.TeamPolicies = map[uint64]policy.Policy{2: {policy.View: policy.Allow}}
	s.RepPolicies = map[uint64]policy.Policy{7: {policy.TakeFiles: policy.Deny}}
	s.DefaultPolicy = policy.Policy{policy.Nudge: policy.Allow}
	s.Queues.Persistent = []string{General, "team:2"}
	s.People = People{
		IdleMinutes: 20, ConsoleHours: 8, NeedFactor: true, LoginNetworks: []string{"192.0.2.0/24", "2001:db8::/32"},
		OIDC: &OIDC{
			Name: "Works", Issuer: "https://id.example.org", ClientID: "handrail", Secret: []byte("sealed oidc"),
			Roles: map[string]string{"helpdesk": "administrator"},
		},
	}
	s.Hooks = []Hook{{
		ID: "tickets", URL: "https://tickets.example.org/in", Events: []string{"ended"}, Secret: []byte("sealed hook"), Off: true, Private: true,
	}}
	s.Records = Records{Keep: wire.KeepReadable, Days: 400}
	s.Syslog = &Syslog{Address: "[2001:db8::5]:6514", CA: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n", Personal: true}
	return s
}

func TestTheFixtureLeavesNothingOut(t *testing.T) {
	var w walker
	w.walk(reflect.ValueOf(everything(t)), leaf{})
	for pattern := range settingPatterns(t) {
		found := false
		for _, l := range w.leaves {
			found = found || l.pattern == pattern
		}
		if !found {
			t.Errorf("nothing at %s", pattern)
		}
	}
}

// settingPatterns are the patterns of all fields that Settings has.
func settingPatterns(t testing.TB) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	var visit func(reflect.Type, string)
	visit = func(typ reflect.Type, at string) {
		switch {
		case typ == reflect.TypeFor[time.Time](), typ == reflect.TypeFor[hours.Date](), typ == reflect.TypeFor[[]byte](), typ == reflect.TypeFor[[]hours.Span]():
			all[at] = true
		case typ == reflect.TypeFor[hours.Week]():
			all[at+".*"] = true
		case typ.Kind() == reflect.Pointer:
			visit(typ.Elem(), at)
		case typ.Kind() == reflect.Struct:
			for field := range typ.Fields() {
				visit(field.Type, join(at, jsonName(field)))
			}
		case typ.Kind() == reflect.Map, typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.String:
			visit(typ.Elem(), at+".*")
		default:
			all[at] = true
		}
	}
	visit(reflect.TypeFor[Settings](), "")
	return all
}

func TestA01EverythingCanBeSetAndIsFit(t *testing.T) {
	for name, s := range map[string]Settings{"default": Default("Works"), "everything": everything(t)} {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestA01WhatIsWrongIsNamedWhereItIs(t *testing.T) {
	long := strings.Repeat("x", 1021)
	main := func(change func(*Portal)) func(*Settings) {
		return func(s *Settings) {
			p := s.Portals[Main]
			change(&p)
			s.Portals[Main] = p
		}
	}
	for _, c := range []struct {
		where  string
		change func(*Settings)
	}{
		{"portals", func(s *Settings) { delete(s.Portals, Main) }},
		{"portals.two.id", func(s *Settings) { s.Portals["two"] = NewPortal("three", "Three") }},
		{"portals.Two.id", func(s *Settings) { s.Portals["Two"] = NewPortal("Two", "Two") }},
		{"portals.two.hosts.0", func(s *Settings) {
			p := NewPortal("two", "Two")
			p.Hosts = []string{"help.example.org"}
			s.Portals["two"] = p
		}},
		{"portals.main.name", main(func(p *Portal) { p.Name = "" })},
		{"portals.main.name", main(func(p *Portal) { p.Name = "two\nlines" })},
		{"portals.main.hosts.0", main(func(p *Portal) { p.Hosts = []string{"Help.Example.org"} })},
		{"portals.main.hosts.1", main(func(p *Portal) { p.Hosts = []string{"a.example", "a.example"} })},
		{"portals.main.hosts.0", main(func(p *Portal) { p.Hosts = []string{"a.example:8443"} })},
		{"portals.main.languages.0", main(func(p *Portal) { p.Languages = []string{"english"} })},
		{"portals.main.languages.0", main(func(p *Portal) { p.Languages = []string{"../de"} })},
		{"portals.main.look.colour", main(func(p *Portal) { p.Look.Colour = "red;}" })},
		{"portals.main.look.colour", main(func(p *Portal) { p.Look.Colour = "#12345" })},
		{"portals.main.look.logo", main(func(p *Portal) { p.Look.Logo = []byte("<svg onload=…>") })},
		{"portals.main.look.logo", main(func(p *Portal) { p.Look.Logo = logo(t, 4000, 2) })},
		{"portals.main.look.logo", main(func(p *Portal) { p.Look.Logo = make([]byte, MaxLogo+1) })},
		{"portals.main.starts.issues", main(func(p *Portal) { p.Issues = nil })},
		{"portals.main.hours", main(func(p *Portal) { p.Hours.Zone = "Europe/Nowhere" })},
		{"portals.main.notices.0.text", main(func(p *Portal) { p.Notices[0].Text = long })},
		{"portals.main.notices.0.text", main(func(p *Portal) { p.Notices[0].Text = "{name}" })},
		{"portals.main.notices.0.title", main(func(p *Portal) { p.Notices[0].Title = " " })},
		{"portals.main.notices.1.id", main(func(p *Portal) { p.Notices = append(p.Notices, p.Notices[0]) })},
		{"portals.main.issues.0.team", main(func(p *Portal) { p.Issues[0].Team = 0 })},
		{"portals.main.issues.0.names", main(func(p *Portal) { p.Issues[0].Names = nil })},
		{"portals.main.issues.1.id", main(func(p *Portal) { p.Issues = append(p.Issues, p.Issues[0]) })},
		{"portals.main.form.fields", main(func(p *Portal) { p.Form.Fields = make([]Field, wire.MaxFields+1) })},
		{"portals.main.form.fields.1.names", main(func(p *Portal) {
			p.Form.Fields = append(p.Form.Fields, Field{ID: "other", Names: map[string]string{"en": "Asset tag", "fr": "Autre"}})
		})},
		{"portals.main.agreement.minutes", main(func(p *Portal) { p.Agreement.Minutes = 31 })},
		{"portals.main.waiting.holdEvery", main(func(p *Portal) { p.Waiting.HoldEvery = 9 })},
		{"portals.main.nobody.url", main(func(p *Portal) { p.Nobody.URL = "http://example.org" })},
		{"portals.main.nobody.url", main(func(p *Portal) { p.Nobody.URL = "javascript:alert(1)" })},
		{"portals.main.exitUrl", main(func(p *Portal) { p.ExitURL = "https://:443/bye" })},
		{"portals.main.exitUrl", main(func(p *Portal) { p.ExitURL = "https://example.org/a\u00a0b" })},
		{"portals.main.name", main(func(p *Portal) { p.Name = "Works \u202eskroW" })},
		{"portals.main.name", main(func(p *Portal) { p.Name = "Works\u2028Works" })},
		{"portals.main.notices.0.text", main(func(p *Portal) { p.Notices[0].Text = " \n" })},
		{"portals.main.exitUrl", main(func(p *Portal) { p.ExitURL = "https://anna:secret@example.org" })},
		{"portals.main.lost.fallback", main(func(p *Portal) { p.Lost.Fallback = "rep:7" })},
		{"portals.main.survey.0.form", main(func(p *Portal) { p.Survey[0].Form = 9 })},
		{"portals.main.survey.0.options", main(func(p *Portal) { p.Survey[0].Options = p.Survey[1].Options })},
		{"portals.main.survey.1.options", main(func(p *Portal) { p.Survey[1].Options = p.Survey[1].Options[:1] })},
		{"portals.main.survey.1.options", main(func(p *Portal) { p.Survey[1].Options[0] = map[string]string{"en": "Yes", "de": "Ja"} })},
		{"portals.main.survey.1.id", main(func(p *Portal) { p.Survey[1].ID = 1 })},
		{"portals.main.survey", main(func(p *Portal) {
			p.Survey = nil
			for n := range uint32(wire.MaxQuestions) {
				p.Survey = append(p.Survey, Question{ID: n + 1, Form: wire.FormText, Texts: map[string]string{"el": strings.Repeat("😀", MaxQuestion)}})
			}
		})},
		{"portals.main.policy", main(func(p *Portal) { p.Policy["fly"] = policy.Allow })},
		{"portals.main.texts.de.greeting", main(func(p *Portal) { p.Texts["de"][Greeting] = "{key}" })},
		{"portals.main.texts.de.welcome", main(func(p *Portal) { p.Texts["de"][Welcome] = "a\nb" })},
		{"portals.main.texts.de.hello", main(func(p *Portal) { p.Texts["de"]["hello"] = "a" })},
		{"portals.main.texts.de.hold", main(func(p *Portal) { p.Texts["de"][Hold] = strings.Repeat("ä", MaxText/2+1) })},
		{"teamPolicies.2", func(s *Settings) { s.TeamPolicies[2][policy.View] = "maybe" }},
		{"queues.persistent.0", func(s *Settings) { s.Queues.Persistent[0] = "team:02" }},
		{"people.loginNetworks.0", func(s *Settings) { s.People.LoginNetworks[0] = "192.0.2.0/33" }},
		{"people.loginNetworks.1", func(s *Settings) { s.People.LoginNetworks[1] = "2001:db8/32" }},
		{"people.oidc.issuer", func(s *Settings) { s.People.OIDC.Issuer = "" }},
		{"hooks.0.url", func(s *Settings) { s.Hooks[0].URL = "https://" }},
		{"hooks.0.events.0", func(s *Settings) { s.Hooks[0].Events[0] = "<b>" }},
		{"syslog.address", func(s *Settings) { s.Syslog.Address = "logs.example.org" }},
		{"records.keep", func(s *Settings) { s.Records.Keep = 3 }},
		{"records.days", func(s *Settings) { s.Records.Days = MaxDays + 1 }},
		{"records.days", func(s *Settings) { s.Records.Days = -1 }},
		{"syslog.ca", func(s *Settings) { s.Syslog.CA = "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n" }},
	} {
		s := everything(t)
		c.change(&s)
		err := s.Check()
		var all Wrongs
		if !errors.As(err, &all) || !errors.Is(err, ErrBad) {
			t.Errorf("%s: got %v", c.where, err)
			continue
		}
		if all[0].Where != c.where {
			t.Errorf("%s: got %s", c.where, all[0].Where)
		}
		if said := (words.Speaker{}).Say(all[0].Sentence, all[0].Args...); strings.Contains(said, "%!") {
			t.Errorf("%s: %s", c.where, said)
		}
	}
}

// TestW08ALineIsSpelledAsItsLanguageIs: with the space before a French "!", the
// joiner inside a Persian word, one inside an emoji, and the marks of Hebrew.
func TestW08ALineIsSpelledAsItsLanguageIs(t *testing.T) {
	for _, line := range []string{"Bienvenue\u00a0!", "Bienvenue\u202f!", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "👩\u200d💻", "שלום\u200f!", "ご案内\u3000受付"} {
		p := NewPortal(Main, line)
		p.Texts = map[string]map[TextName]string{"fr": {Welcome: line}}
		if err := p.Check(); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestW08TextsAreFoundByLanguageAndDefaultsAreAlwaysThere(t *testing.T) {
	p := Portal{Languages: []string{"de", "fr"}, Texts: map[string]map[TextName]string{
		"de":    {Greeting: "Servus", Hold: "Moment"},
		"de-CH": {Greeting: "Grüezi"},
		"fr":    {Greeting: "Bonjour"},
	}}
	for _, c := range []struct {
		language string
		name     TextName
		want     string
	}{
		{"de-CH", Greeting, "Grüezi"},
		{"de-AT", Greeting, "Servus"},
		{"fr", Hold, "Moment"},
		{"", Greeting, "Servus"},
		{"fr", Welcome, "L’aide de {portal}"},
		{"sv", Welcome, "Get help from {portal}"},
	} {
		if got := p.Text(c.language, c.name); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.language, c.name, got, c.want)
		}
	}
	for _, l := range words.DefaultLanguages() {
		p := NewPortal(Main, "Works")
		p.Texts = map[string]map[TextName]string{l: {}}
		for _, k := range Texts() {
			text, ok := words.Default(l, string(k.Name))
			if !ok || text == "" {
				t.Errorf("no %s in %s", k.Name, l)
			}
			p.Texts[l][k.Name] = text
			english, _ := words.Default("en", string(k.Name))
			if a, b := prose.Parse(text).Macros(), prose.Parse(english).Macros(); len(a) != len(b) {
				t.Errorf("%s in %s has macros %v, in English %v", k.Name, l, a, b)
			}
		}
		if err := p.Check(); err != nil {
			t.Errorf("the defaults in %s can't be kept as own texts: %v", l, err)
		}
	}
}

func TestP01PortalsAreToldApartByHostName(t *testing.T) {
	s := everything(t)
	two := NewPortal("two", "Two")
	two.Hosts = []string{"two.example.org", "2001:db8::1"}
	s.Portals["two"] = two
	for host, want := range map[string]string{
		"two.example.org": "two", "TWO.example.org:8443": "two", "two.example.org.": "two", "[2001:db8::1]:443": "two",
		"help.example.org": Main, "elsewhere.example": Main, "": Main, "]bad[:": Main,
	} {
		if got := s.PortalFor(host).ID; got != want {
			t.Errorf("%q: got %s, want %s", host, got, want)
		}
	}
}

func TestP07NoticesEndByThemselves(t *testing.T) {
	p := Portal{Notices: []Notice{{ID: 1}, {ID: 2, Until: noon}, {ID: 3, Until: noon.Add(time.Hour)}}}
	var got []uint64
	for _, n := range p.Active(noon) {
		got = append(got, n.ID)
	}
	if !reflect.DeepEqual(got, []uint64{1, 3}) {
		t.Errorf("active: %v", got)
	}
	s := everything(t)
	p = s.Portals[Main]
	p.Notices = nil
	for n := range uint64(MaxActive + 1) {
		p.Notices = append(p.Notices, Notice{ID: n + 1, Title: "A", Text: "B", Until: noon.Add(time.Hour)})
	}
	s.Portals[Main] = p
	if err := s.Fit(noon); !errors.Is(err, ErrBad) {
		t.Errorf("%d active notices: %v", MaxActive+1, err)
	}
	if err := s.Fit(noon.Add(time.Hour)); err != nil {
		t.Errorf("%d notices that are over: %v", MaxActive+1, err)
	}
}

func TestA03ChangesNeedTheirPermissions(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		want   []string
	}{
		"nothing":     {func(*Settings) {}, nil},
		"a portal":    {func(s *Settings) { s.Portals["two"] = NewPortal("two", "Two") }, []string{needPortals}},
		"a queue":     {func(s *Settings) { s.Queues.Persistent = nil }, []string{needPortals}},
		"a policy":    {func(s *Settings) { s.RepPolicies = nil }, []string{needPolicies}},
		"a hook":      {func(s *Settings) { s.Hooks[0].URL = "https://elsewhere.example" }, []string{needImport}},
		"the factor":  {func(s *Settings) { s.People.NeedFactor = false }, []string{needImport}},
		"records":     {func(s *Settings) { s.Records = Records{} }, []string{needImport}},
		"its secrets": {func(s *Settings) { s.Hooks[0].Secret = nil }, []string{needImport}},
		"portal's policy": {func(s *Settings) {
			p := s.Portals[Main]
			p.Policy = nil
			s.Portals[Main] = p
		}, []string{needPolicies}},
	} {
		s := everything(t)
		c.change(&s)
		if got := Needs(everything(t), s); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s needs %v, want %v", name, got, c.want)
		}
		holds := func(p string) bool { return p == needPortals }
		if got, want := Allowed(everything(t), s, holds), len(c.want) == 0 || c.want[0] == needPortals; got != want {
			t.Errorf("%s allowed to who may edit portals: %v", name, got)
		}
	}
	s := everything(t)
	s.People.OIDC.Roles["boss"] = "owner"
	if got := GivenRoles(everything(t), s); !reflect.DeepEqual(got, []string{"owner"}) {
		t.Errorf("gives %v", got)
	}
	s.People.OIDC.Issuer = "https://other.example.org"
	if got := GivenRoles(everything(t), s); len(got) != 2 {
		t.Errorf("another provider gives %v", got)
	}
	s.People.OIDC.Roles = nil
	if got := GivenRoles(everything(t), s); !reflect.DeepEqual(got, []string{"owner"}) {
		t.Errorf("another provider, who can say who is an owner, gives %v", got)
	}
}

func TestA03OnePolicyOfEachLevelCountsAndNobodyHasWrittenNoneIsEverything(t *testing.T) {
	s := everything(t)
	sets := s.Policies(Main, []Named{{2, "Support"}, {3, "Night"}}, Named{7, "Anna"})
	var got []string
	for _, x := range sets {
		got = append(got, string(x.Level)+" "+x.Name)
	}
	if want := "portal Green Branch|team Support|team Night|rep Anna|default "; strings.Join(got, "|") != want {
		t.Errorf("%v", got)
	}
	for _, o := range policy.Resolve(Settings{}.Policies(Main, nil, Named{})) {
		if !o.Allowed {
			t.Errorf("%s is denied though nobody said anything", o.Permission)
		}
	}
}

func TestA01ChangesAreToldInWords(t *testing.T) {
	from, to := everything(t), everything(t)
	p := to.Portals[Main]
	p.Waiting.HoldEvery, p.Waiting.Position = 0, false
	p.Issues = append([]Issue{{ID: "mail", Names: map[string]string{"en": "Mail"}, Team: 1}}, p.Issues...)
	to.Portals[Main] = p
	to.Hooks[0].Secret = []byte("another")
	var got []string
	for _, c := range Compare(from, to) {
		got = append(got, fmt.Sprintf("%s: %s: %q → %q %v", c.Section, c.What, c.Old, c.New, c.Hidden))
	}
	want := []string{
		`Organisation: Secret of web hook tickets: "secret, not shown" → "secret, not shown" true`,
		`Portal main: Issue mail: "" → "mail" false`,
		`Portal main: Name of issue mail (en): "" → "Mail" false`,
		`Portal main: Team of issue mail: "" → "1" false`,
		`Portal main: Issues, in order: "printer" → "mail, printer" false`,
		`Portal main: Place in the queue is told: "Yes" → "No" false`,
		`Portal main: Seconds between hold messages: "90" → "" false`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
	for _, c := range Compare(Settings{}, from) {
		if c.Path == "portals.main.policy.control" && (c.What != "Control keyboard and mouse" || c.New != "not allowed") {
			t.Errorf("a policy: %+v", c)
		}
		if c.What == c.Path || strings.Contains(c.What, "%!") {
			t.Errorf("%s is called %q", c.Path, c.What)
		}
		if strings.Contains(c.New, "sealed") {
			t.Errorf("%s tells a secret", c.Path)
		}
	}
	if n := len(Compare(from, from)); n != 0 {
		t.Errorf("%d differences from itself", n)
	}
}

// TestA01ChangesTellWhatHoldsForEverybody: a file without a policy for everybody
// allows everything, and its review must not look as if it allowed nothing.
func TestA01ChangesTellWhatHoldsForEverybody(t *testing.T) {
	from, to := Default("Works"), Default("Works")
	from.DefaultPolicy[policy.CopyIn] = policy.Deny
	to.DefaultPolicy = nil
	changes := Compare(from, to)
	if len(changes) != 1 || changes[0].Path != "defaultPolicy.copy-in" || changes[0].Old != "not allowed" || changes[0].New != "allowed" {
		t.Errorf("told as %+v", changes)
	}
}

func text(t testing.TB, s Settings) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestA01AFileComesBackExactly(t *testing.T) {
	for name, s := range map[string]Settings{"default": Default("Works"), "everything": everything(t)} {
		file, err := Export(s, people.Staff{})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(file), "c2VhbGVk") || strings.Contains(string(file), "sealed") {
			t.Errorf("%s: a secret is in the file", name)
		}
		back, err := Import(file, s)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, file)
		}
		if text(t, back) != text(t, s) {
			t.Errorf("%s:\n%s\n%s\n%s", name, text(t, s), text(t, back), file)
		}
		again, err := Export(back, people.Staff{})
		if err != nil || !bytes.Equal(file, again) {
			t.Errorf("%s: exported again it differs", name)
		}
		asJSON, err := json.MarshalIndent(s.WithoutSecrets(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if back, err = Import(asJSON, s); err != nil || text(t, back) != text(t, s) {
			t.Errorf("%s: as JSON: %v", name, err)
		}
	}
}

func TestA01SecretsAreKeptForTheSameRecipientOnly(t *testing.T) {
	now := everything(t)
	s := now.WithoutSecrets()
	s.People.OIDC.Issuer = "https://evil.example"
	s.Hooks = append(s.Hooks, Hook{ID: "new", URL: "https://new.example"})
	kept := s.KeepSecrets(now)
	if kept.People.OIDC.Secret != nil {
		t.Error("another identity provider gets the secret")
	}
	if string(kept.Hooks[0].Secret) != "sealed hook" || kept.Hooks[1].Secret != nil {
		t.Errorf("hooks: %+v", kept.Hooks)
	}
	if now.People.OIDC.Secret == nil || now.Hooks[0].Secret == nil {
		t.Error("the settings of now lost theirs")
	}
	file := "portals: {main: {name: Works}}\nhooks: [{id: mine, url: 'https://a.example', secret: c2VjcmV0}]\n"
	got, err := Import([]byte(file), now)
	if err != nil || got.Hooks[0].Secret != nil {
		t.Errorf("a secret came in by a file: %v %v", got.Hooks, err)
	}
}

func TestA01AWrongFileIsRefusedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		line int
		want words.Sentence
	}{
		"unknown":       {"portals:\n  main:\n    nme: x\n", 3, words.FileUnknown},
		"other case":    {"portals:\n  main:\n    Name: x\n", 3, words.FileUnknown},
		"twice":         {"portals:\n  main: {name: x}\n  main: {name: y}\n", 3, words.SetTwice},
		"not YAML":      {"portals: [", 0, words.FileBad},
		"nothing":       {"", 0, words.FileEmpty},
		"UTF-16":        {"\xff\xfep\x00:\x00", 0, words.FileNotUTF8},
		"a comment":     {"# nothing\n", 0, words.FileEmpty},
		"two documents": {"portals: {main: {name: x}}\n---\nportals: {}\n", 0, words.FileSeveral},
		"alias":         {"portals:\n  main: &a {name: x}\n  two: *a\n", 2, words.FileAlias},
		"list":          {"portals: []\n", 1, words.FileNotGroup},
		"no list":       {"portals:\n  main: {name: x, hosts: a.example}\n", 2, words.FileNotList},
		"no number":     {"portals:\n  main:\n    name: x\n    agreement: {minutes: many}\n", 4, words.FileNotNumber},
		"huge number":   {"portals:\n  main:\n    name: x\n    agreement: {minutes: 99999999999999999999}\n", 4, words.FileNotNumber},
		"no bool":       {"portals:\n  main:\n    name: x\n    recording: sure\n", 4, words.FileNotBool},
		"no time":       {"portals:\n  main:\n    name: x\n    notices:\n    - {id: 1, title: a, text: b, until: tomorrow}\n", 5, words.FileNotMoment},
		"no hours":      {"portals:\n  main:\n    name: x\n    hours: {limited: true, week: {monday: [9-17]}}\n", 4, words.FileNotSpan},
		"other hours":   {"portals:\n  main:\n    name: x\n    hours: {limited: true, week: {monday: [{from: 9, to: 17}]}}\n", 4, words.FileNotSpan},
		"no date":       {"portals:\n  main:\n    name: x\n    hours: {holidays: [{date: 24.12.}]}\n", 4, words.FileNotDate},
		"no text":       {"portals:\n  main:\n    name: !!binary eA==\n", 3, words.FileNotText},
		"no day":        {"portals:\n  main:\n    name: x\n    hours:\n      week:\n        mon: []\n", 6, words.FileUnknown},
		"no picture":    {"portals:\n  main:\n    name: x\n    look: {logo: '!'}\n", 4, words.FileNotBase64},
		"no keep":       {"portals: {main: {name: x}}\nrecords:\n  keep: 2\n", 3, words.SetBadKeep},
		"no team":       {"portals: {main: {name: x}}\nteamPolicies:\n  support: {}\n", 3, words.FileNotNumber},
		"value":         {"portals:\n  main:\n    name: [x]\n", 3, words.FileNotValue},
		"wrong value":   {"portals:\n  main:\n    name: x\n    exitUrl: ftp://x\n", 4, words.SetBadURL},
	} {
		_, err := Import([]byte(c.file), Settings{})
		var all Wrongs
		if !errors.As(err, &all) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if all[0].Sentence != c.want || all[0].Line != c.line {
			t.Errorf("%s: line %d %s, want line %d", name, all[0].Line, all[0].Sentence, c.line)
		}
	}
	if _, err := Import(make([]byte, MaxFile+1), Settings{}); !errors.Is(err, ErrBad) {
		t.Errorf("too big: %v", err)
	}
}

// FuzzImport holds whatever can be read to being written and read again as the
// same thing, and to being fit.
func FuzzImport(f *testing.F) {
	for _, s := range []Settings{Default("Works"), everything(f)} {
		file, err := Export(s, people.Staff{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Add([]byte("portals: {main: {name: '~', texts: {en: {intro: \"a\\n \\n\", welcome: 'null'}}}}"))
	f.Add([]byte("portals: {main: {name: 0x1F, notices: [{id: 0o17, title: '- a', text: \"\\u00e9: #\"}]}}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := Import(file, Settings{})
		if err != nil {
			if !errors.Is(err, ErrBad) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if err := s.Check(); err != nil {
			t.Fatalf("imported, and not fit: %v", err)
		}
		out, err := Export(s, people.Staff{})
		if err != nil {
			t.Fatal(err)
		}
		back, err := Import(out, Settings{})
		if err != nil {
			t.Fatalf("can't read what was written: %v\n%s", err, out)
		}
		if n := Compare(s, back); len(n) != 0 {
			t.Fatalf("it came back otherwise: %v\n%s", n, out)
		}
	})
}
