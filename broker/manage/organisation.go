package manage

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"handrail/broker/people"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

const settingsPath = "/login/settings"

// settingsTabs are the pages of the section that somebody may see.
func settingsTabs(r *http.Request, here string) []tab {
	may := web.WhoOf(r.Context()).May
	var tabs []tab
	for _, one := range []struct {
		name       words.Sentence
		path       string
		permission people.Permission
	}{
		{words.TabOrganisation, "organisation", people.ImportSettings},
		{words.TabRecords, "records", people.ImportSettings},
		{words.TabPrograms, "programs", people.ImportSettings},
		{words.TabFile, "file", people.ExportSettings},
		{words.TabHistory, "history", people.ExportSettings},
		{words.TabTokens, "tokens", people.APITokens},
	} {
		if may[one.permission] {
			tabs = append(tabs, tab{say(one.name), settingsPath + "/" + one.path, one.path == here})
		}
	}
	return tabs
}

// index leads to the first page that somebody may see.
func (m *Manage) index(w http.ResponseWriter, r *http.Request) {
	if !web.Reads(w, r) {
		return
	}
	tabs := settingsTabs(r, "")
	if may := web.WhoOf(r.Context()).May; len(tabs) == 0 && may[people.ImportSettings] {
		tabs = []tab{{Path: settingsPath + "/import"}}
	}
	if len(tabs) == 0 {
		web.Fail(w, r, http.StatusForbidden, words.ManageNotAllowed)
		return
	}
	http.Redirect(w, r, tabs[0].Path, http.StatusSeeOther)
}

// newSecret draws a secret of 256 bits, as text that is copied as it is.
func newSecret(prefix string) string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// organisation is the form of what holds for everybody.
func (m *Manage) organisation(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok {
		return
	}
	f := sheet{
		path: settingsPath + "/organisation", tabs: settingsTabs(r, "organisation"), paths: []string{"people", "queues"},
		page: web.Page{Title: say(words.ShellSettings), Section: web.Settings}, lead: words.ManageOrganisationLead,
	}
	from := web.From(r)
	f.read = func(in *input, s *settings.Settings) { m.readOrganisation(in, s, from) }
	f.show = func(v *view) []group {
		p := v.s.People
		o := settings.OIDC{}
		if p.OIDC != nil {
			o = *p.OIDC
		}
		var roles []string
		for group, role := range o.Roles {
			roles = append(roles, group+" = "+role)
		}
		slices.Sort(roles)
		secret := hinted(web.Field{Name: "people.oidc.secret", Label: say(words.ManageOIDCSecret), Kind: "password", Complete: "off"}, words.ManageOIDCSecretNew)
		if len(o.Secret) > 0 {
			secret.Hint = say(words.ManageOIDCSecretKept)
		}
		return []group{
			{Heading: say(words.ManageLoggedIn), Fields: []web.Field{
				v.number("people.idleMinutes", words.ManageIdle, p.IdleMinutes, words.ManageIdleHint, 24*60, people.DefaultIdleMinutes),
				v.number("people.consoleHours", words.ManageConsoleHours, p.ConsoleHours, words.ManageRange, 1, 24*30, 12),
				v.check("people.needFactor", words.ManageFactor, p.NeedFactor, words.ManageFactorHint),
				area(hinted(v.field("people.loginNetworks", words.ManageNetworks, strings.Join(p.LoginNetworks, "\n")), words.ManageNetworksHint), 3),
			}},
			{Heading: say(words.ManageOIDC), Hint: say(words.ManageOIDCHint), Fields: []web.Field{
				v.check("oidc", words.ManageOIDCOn, p.OIDC != nil, ""),
				hinted(v.field("people.oidc.name", words.ManageOIDCName, o.Name), words.ManageOIDCNameHint),
				hinted(v.field("people.oidc.issuer", words.ManageOIDCIssuer, o.Issuer), words.ManageURLHint),
				v.field("people.oidc.clientId", words.ManageOIDCClient, o.ClientID),
				secret,
				area(hinted(v.field("people.oidc.roles", words.ManageOIDCRoles, strings.Join(roles, "\n")), words.ManageOIDCRolesHint), 3),
			}},
			{Heading: say(words.ManageQueues), Hint: say(words.ManageQueuesHint), Fields: v.persistent(), Hidden: v.queueNames()},
		}
	}
	m.serve(w, r, s, f)
}

// persistent are the check boxes of queues that never end a session.
func (v *view) persistent() []web.Field {
	var fields []web.Field
	for _, q := range v.queues("")[1:] {
		fields = append(fields, web.Field{Name: "persistent." + q.Value, Label: q.Label, Kind: "checkbox", On: v.s.Queues.IsPersistent(q.Value)})
	}
	return fields
}

// queueNames tell which queues were on the form, checked or not.
func (v *view) queueNames() []web.Field {
	var names []web.Field
	for _, q := range v.queues("")[1:] {
		names = append(names, hidden("queue", q.Value))
	}
	return names
}

// persistent reads the queues that never end a session. Personal ones, and those
// of teams that are gone, are not on the form and stay.
func (in *input) persistent(s *settings.Settings) {
	kept := slices.DeleteFunc(slices.Clone(s.Queues.Persistent), func(q string) bool { return slices.Contains(in.typed["queue"], q) })
	for _, q := range in.typed["queue"] {
		if in.on("persistent."+q) && !slices.Contains(kept, q) {
			kept = append(kept, q)
		}
	}
	slices.Sort(kept)
	s.Queues.Persistent = kept
}

func (m *Manage) readOrganisation(in *input, s *settings.Settings, from netip.Addr) {
	was := s.People
	p := settings.People{
		IdleMinutes: in.number("people.idleMinutes", 1, 24*60), ConsoleHours: in.number("people.consoleHours", 1, 24*30),
		NeedFactor: in.on("people.needFactor"), LoginNetworks: in.words("people.loginNetworks"),
	}
	if !web.Admits(p.LoginNetworks, from) {
		in.bad("people.loginNetworks", words.ManageLockOut, from)
	}
	if in.on("oidc") {
		o := &settings.OIDC{
			Name: in.text("people.oidc.name"), Issuer: in.text("people.oidc.issuer"), ClientID: in.text("people.oidc.clientId"),
			Roles: map[string]string{},
		}
		for line := range strings.SplitSeq(in.text("people.oidc.roles"), "\n") {
			group, role, ok := strings.Cut(line, "=")
			if strings.TrimSpace(line) == "" {
				continue
			}
			if !ok {
				in.bad("people.oidc.roles", words.ManageNotRole, line)
			}
			o.Roles[strings.TrimSpace(group)] = strings.TrimSpace(role)
		}
		// A secret is sent to its provider: another one never gets it.
		if was.OIDC != nil && was.OIDC.Issuer == o.Issuer && was.OIDC.ClientID == o.ClientID {
			o.Secret = was.OIDC.Secret
		}
		if typed := in.text("people.oidc.secret"); typed != "" {
			o.Secret = m.Seal([]byte(typed))
		}
		p.OIDC = o
	}
	s.People = p
	in.persistent(s)
}

// programs is the form of the programs that hear what happens.
func (m *Manage) programs(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok {
		return
	}
	f := sheet{
		path: settingsPath + "/programs", tabs: settingsTabs(r, "programs"), paths: []string{"hooks", "syslog"},
		page: web.Page{Title: say(words.ShellSettings), Section: web.Settings}, lead: words.ManageProgramsLead,
	}
	made := map[string]string{} // secrets by hook, to be shown once
	f.read = func(in *input, s *settings.Settings) { made = m.readPrograms(in, s) }
	f.change = func(s *settings.Settings, verb, list string, at int) {
		if list == "hooks" {
			s.Hooks = rearrange(s.Hooks, verb, at, func() settings.Hook {
				return settings.Hook{ID: freeName("hook", func(id string) bool {
					return slices.ContainsFunc(s.Hooks, func(h settings.Hook) bool { return h.ID == id })
				})}
			})
		}
	}
	f.done = func(w http.ResponseWriter, r *http.Request) bool {
		if len(made) > 0 {
			m.showSecrets(w, r, made)
		}
		return len(made) > 0
	}
	hear, err := m.Store.Recipients(r.Context())
	if err != nil {
		m.failed(w, r, err)
		return
	}
	f.show = func(v *view) []group { return showPrograms(v, hear) }
	m.serve(w, r, s, f)
}

// events are the names of what other programs can hear, as lobby's facts have
// them; a test compares the two.
func events() []string {
	return []string{
		"session.came", "session.entered", "agreement.yes", "agreement.no", "recording.answer", "session.queued", "session.taken",
		"session.join", "session.leave", "session.moved", "session.end", "session.abandoned", "survey.answers", "notice.pushed",
		"permission.asked", "permission.answered", "sharing.changed", "file.offered", "file.allowed", "file.refused", "file.arrived",
		"file.stopped", "session.note", "record.cut",
	}
}

func (m *Manage) readPrograms(in *input, s *settings.Settings) (made map[string]string) {
	made = map[string]string{}
	old := map[string][]byte{}
	for _, h := range s.Hooks {
		old[h.ID] = h.Secret
	}
	s.Hooks = nil
	for i := range in.count("hooks", settings.MaxHooks) {
		at := fmt.Sprintf("hooks.%d.", i)
		h := settings.Hook{
			ID: in.text(at + "id"), URL: in.text(at + "url"), Events: in.words(at + "events"),
			Off: in.on(at + "off"), Private: in.on(at + "private"),
		}
		for _, e := range h.Events {
			if !slices.Contains(events(), e) {
				in.bad(at+"events", words.SetBadEvent, e)
			}
		}
		if h.Secret = old[h.ID]; (len(h.Secret) == 0 || in.on(at+"renew")) && in.saving() {
			made[h.ID] = newSecret("")
			h.Secret = m.Seal([]byte(made[h.ID]))
		}
		s.Hooks = append(s.Hooks, h)
	}
	s.Syslog = nil
	if in.on("syslog") {
		s.Syslog = &settings.Syslog{Address: in.text("syslog.address"), CA: in.text("syslog.ca"), Personal: in.on("syslog.personal")}
		if s.Syslog.CA != "" {
			s.Syslog.CA += "\n"
		}
	}
	return made
}

// heard says how it stands with a program that hears what happens; empty for
// one that is new.
func heard(all []record.Recipient, id string) string {
	i := slices.IndexFunc(all, func(r record.Recipient) bool { return r.ID == id })
	if i < 0 {
		return ""
	}
	r := all[i]
	text := say(words.ProgramNothing)
	if r.Told > 0 {
		text = say(words.ProgramTold, r.Told, r.Last.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if r.Waiting > 0 {
		text += " " + say(words.ProgramWaiting, r.Waiting)
	}
	if r.Problem != "" {
		text += " " + say(words.DeliveryProblem(r.Problem))
	}
	if r.GivenUp > 0 {
		text += " " + say(words.ProgramGivenUp, r.GivenUp)
	}
	return text
}

func showPrograms(v *view, hear []record.Recipient) []group {
	log := settings.Syslog{}
	if v.s.Syslog != nil {
		log = *v.s.Syslog
	}
	return []group{
		{
			Heading: say(words.ManageHooks), Hint: say(words.ManageHooksHint), List: "hooks", Count: len(v.s.Hooks),
			Add: say(words.ManageAddHook), None: say(words.ManageNoHooks),
			Items: listed("hooks", v.s.Hooks, func(_ int, at string, h settings.Hook) item {
				it := item{Name: h.ID, Note: heard(hear, record.Hook+h.ID), Fields: []web.Field{
					hinted(v.field(at+"id", words.ManageHookID, h.ID), words.ManageHookIDHint),
					hinted(v.field(at+"url", words.ManageHookURL, h.URL), words.ManageURLHint),
					hinted(v.field(at+"events", words.ManageHookEvents, strings.Join(h.Events, ", ")), words.ManageHookEventsHint, strings.Join(events(), ", ")),
					v.check(at+"private", words.ManageHookPrivate, h.Private, ""),
					v.check(at+"off", words.ManageHookOff, h.Off, ""),
				}}
				if len(h.Secret) > 0 {
					it.Fields = append(it.Fields, v.check(at+"renew", words.ManageHookRenew, false, words.ManageHookRenewHint))
				}
				return it
			}),
		},
		{Heading: say(words.ManageSyslog), Hint: say(words.ManageSyslogHint), Note: heard(hear, record.Syslog), Fields: []web.Field{
			v.check("syslog", words.ManageSyslogOn, v.s.Syslog != nil, ""),
			hinted(v.field("syslog.address", words.ManageSyslogAddress, log.Address), words.ManageSyslogAddressHint),
			area(hinted(v.field("syslog.ca", words.ManageSyslogCA, log.CA), words.ManageSyslogCAHint), 4),
			v.check("syslog.personal", words.ManageSyslogPersonal, log.Personal, words.ManageSyslogPersonalHint),
		}},
	}
}

// secretsShown is the page that shows secrets, once.
type secretsShown struct {
	Rows      []policyRow
	Back, Out string
}

func (m *Manage) showSecrets(w http.ResponseWriter, r *http.Request, made map[string]string) {
	shown := secretsShown{Back: settingsPath + "/programs", Out: say(words.ManageNoted)}
	for id, secret := range made {
		shown.Rows = append(shown.Rows, policyRow{Name: id, Says: secret})
	}
	slices.SortFunc(shown.Rows, func(a, b policyRow) int { return strings.Compare(a.Name, b.Name) })
	m.show(w, r, http.StatusOK, web.Page{
		Title: say(words.ManageHookSecrets), Section: web.Settings, Lead: say(words.ManageHookSecretsLead), Done: say(words.ManageSaved),
		Template: "secrets", Data: shown,
	})
}
