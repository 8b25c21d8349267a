package admin

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/chain"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

const (
	auditAtOnce = 100
	// exportAtOnce is how many entries an export asks the store for at a time.
	exportAtOnce = people.MostAudit
	// longDetail is how much of an entry is shown before somebody asks for all of
	// it: a line or two.
	longDetail = 120 // characters
)

// auditShown is what the page of the audit log shows.
type auditShown struct {
	talk
	Rows      []auditRow
	Who, What web.Field
	From, To  web.Field
	Filtered  bool
	More      string // address of the page after; empty: none
	Export    []hidden
	Head      string
	Entries   uint64
}

// hidden is a field that a form passes on.
type hidden struct{ Name, Value string }

type auditRow struct {
	Seq              uint64
	At               time.Time
	Who, What, About string
	Path             string // of what it is about; empty: nobody may see more
	Detail           string
	Short            string // the beginning of a long Detail
}

// kindOfAct is what names of acts begin with.
type kindOfAct struct {
	act string
	say words.Sentence
}

// kinds are the kinds of acts, by which the log is filtered.
var kinds = []kindOfAct{
	{"rep", words.AdminKindPeople},
	{"team", words.AdminKindTeams},
	{"role", words.AdminKindRoles},
	{"login", words.AdminKindLogins},
	{"password", words.AdminKindPasswords},
	{"totp", words.AdminKindTOTP},
	{"passkey", words.AdminKindPasskeys},
	{"codes", words.AdminKindCodes},
	{"reset", words.AdminKindResets},
	{"provider", words.AdminKindProvider},
	{"console", words.AdminKindConsoles},
	{"token", words.AdminKindTokens},
	{"settings", words.AdminKindSettings},
	{"notice", words.AdminKindNotices},
	{"certificate", words.AdminKindCertificates},
	{"record", words.AdminKindRecords},
	{"grant", words.AdminKindGrants},
	{"everything", words.AdminKindRevoke},
	{"first", words.AdminKindFirst},
	{"backup", words.AdminKindBackups},
	{"audit", words.AdminKindAudit},
}

// filter reads the page's filter; what can't be read lets everything through.
func (v *visit) filter(get func(string) string) people.AuditFilter {
	f := people.AuditFilter{Limit: auditAtOnce}
	f.Before, _ = strconv.ParseUint(get("before"), 10, 63)
	if who := get("who"); who == people.Actor(0) || v.isRep(who) {
		f.Actor = who
	}
	if about := get("about"); v.isRep(about) {
		f.Subject = about
	}
	for _, k := range kinds {
		if k.act == get("what") {
			f.Act = k.act
		}
	}
	f.From, _ = time.Parse(time.DateOnly, get("from"))
	if to, err := time.Parse(time.DateOnly, get("to")); err == nil {
		f.To = to.AddDate(0, 0, 1)
	}
	return f
}

func (v *visit) isRep(actor string) bool {
	id, err := strconv.ParseUint(strings.TrimPrefix(actor, "rep:"), 10, 63)
	return err == nil && actor == people.Actor(id) && v.all.Reps[id].ID != 0
}

func (f *Frame) auditPage(v *visit) {
	get := v.r.URL.Query().Get
	filter := v.filter(get)
	entries, err := f.Store.Audit(v.ctx(), filter)
	if err != nil {
		v.fail(err)
		return
	}
	say := v.say.Say
	s := auditShown{
		Who:  web.Field{Name: "who", Label: say(words.AdminAuditWho), Kind: "select", Options: []web.Option{{Label: say(words.AdminAnybody)}, {Value: people.Actor(0), Label: say(words.AdminCommand), Chosen: filter.Actor == people.Actor(0)}}},
		What: web.Field{Name: "what", Label: say(words.AdminAuditWhat), Kind: "select", Options: []web.Option{{Label: say(words.AdminAnything)}}},
		From: web.Field{Name: "from", Label: say(words.AdminAuditFrom), Kind: "date", Value: day(filter.From)},
		To:   web.Field{Name: "to", Label: say(words.AdminAuditTo), Kind: "date", Value: day(filter.To.AddDate(0, 0, -1))},
	}
	if filter.To.IsZero() {
		s.To.Value = ""
	}
	for _, r := range v.all.RepsByName() {
		s.Who.Options = append(s.Who.Options, web.Option{Value: people.Actor(r.ID), Label: r.Called(), Chosen: filter.Actor == people.Actor(r.ID)})
	}
	for _, k := range kinds {
		s.What.Options = append(s.What.Options, web.Option{Value: k.act, Label: say(k.say), Chosen: filter.Act == k.act})
	}
	for _, e := range entries {
		s.Rows = append(s.Rows, v.auditRow(e))
	}
	fields := []string{"who", filter.Actor, "what", filter.Act, "about", filter.Subject, "from", s.From.Value, "to", s.To.Value}
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] != "" {
			s.Filtered = true
			s.Export = append(s.Export, hidden{fields[i], fields[i+1]})
		}
	}
	if len(entries) == auditAtOnce {
		s.More = "/login/audit?" + query(append(fields, "before", strconv.FormatUint(entries[len(entries)-1].Seq, 10))...)
	}
	n, head, err := f.Store.AuditHead(v.ctx())
	if err != nil {
		v.fail(err)
		return
	}
	s.Entries, s.Head = n, fmt.Sprintf("%x", head[:8])
	v.show(http.StatusOK, web.Page{
		Title: say(words.ShellAudit), Section: web.Audit, Lead: say(words.AdminAuditLead), Template: "audit", Data: s,
		Do: []web.Link{{Text: say(words.AdminAuditCheck), Path: "/login/audit/check"}},
	})
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// auditRow says an entry in words, where this program knows what it means.
func (v *visit) auditRow(e chain.Entry) auditRow {
	row := auditRow{Seq: e.Seq, At: e.At, Who: v.named(e.Actor), What: e.Act, About: v.named(e.Subject)}
	if s, ok := acts[e.Act]; ok {
		row.What = v.say.Say(s)
	}
	if e.Actor == e.Subject {
		row.About = ""
	}
	if version, ok := strings.CutPrefix(e.Subject, "settings:"); ok && v.who.May[people.ExportSettings] {
		row.Path = "/login/settings/history/" + version
	}
	row.Detail = v.detail(e.Detail)
	if all := []rune(row.Detail); len(all) > longDetail {
		row.Short = string(all[:longDetail]) + "…"
	}
	return row
}

// named is who or what an entry is about, as it is called today.
func (v *visit) named(subject string) string {
	kind, id, _ := strings.Cut(subject, ":")
	n, _ := strconv.ParseUint(id, 10, 63)
	switch kind {
	case "command":
		return v.say.Say(words.AdminCommand)
	case "provider":
		return v.say.Say(words.AdminProviderUnmet)
	case "rep":
		if r, ok := v.all.Reps[n]; ok {
			return r.Called()
		}
	case "team":
		if t, ok := v.all.Teams[n]; ok {
			return t.Name
		}
	case "role":
		if r, ok := v.all.Role(id); ok {
			return r.Name
		}
	case "settings":
		return v.say.Say(words.HistoryVersion, n)
	case "token":
		return v.say.Say(words.TokenNumber, n)
	case "everything", "audit":
		return ""
	}
	return subject
}

// detail shows an entry's JSON as names and values. The log knows reps, teams
// and roles by number, because it can't forget a name: each is called here as
// it is today, with the number behind.
func (v *visit) detail(raw []byte) string {
	var told map[string]any
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	if in.Decode(&told) != nil {
		return string(raw)
	}
	var parts []string
	for name, value := range told {
		text, err := json.Marshal(value)
		if err != nil || slices.Contains([]string{"false", "0", `""`, "[]", "{}", "null"}, string(text)) {
			continue // says nothing
		}
		said, ok := v.called(name, value)
		if !ok {
			said = strings.NewReplacer(`"`, "", "[", "", "]", "", "{", "", "}", "", ",", ", ").Replace(string(text))
		}
		parts = append(parts, name+": "+said)
	}
	slices.Sort(parts)
	return strings.Join(parts, " · ")
}

// called says a value of an entry that stands for reps, teams or roles; false
// for another one.
func (v *visit) called(name string, value any) (string, bool) {
	switch value := value.(type) {
	case json.Number:
		if name == "above" {
			return v.numbered("team", value.String()), true
		}
	case string:
		if name == "role" {
			return v.numbered("role", value), true
		}
	case []any:
		var all []string
		for _, one := range value {
			text, ok := one.(string)
			switch {
			case !ok || name != "roles" && name != "settings":
				return "", false
			case name == "roles":
				text = v.numbered("role", text)
			default:
				text = v.ofWhom(text)
			}
			all = append(all, text)
		}
		return strings.Join(all, ", "), true
	case map[string]any:
		if name != "members" {
			return "", false
		}
		var all []string
		for _, rep := range slices.Sorted(maps.Keys(value)) {
			rank := fmt.Sprint(value[rep])
			if n, err := strconv.Atoi(rank); err == nil && n >= int(people.Member) && n <= int(people.Manager) {
				rank = v.say.Say(rankName(people.Rank(n)))
			}
			all = append(all, v.numbered("rep", rep)+": "+rank)
		}
		slices.Sort(all)
		return strings.Join(all, ", "), true
	}
	return "", false
}

// numbered is who or what has an ID: with its name, if it is still known.
func (v *visit) numbered(kind, id string) string {
	if name := v.named(kind + ":" + id); name != kind+":"+id {
		return name + " (" + id + ")"
	}
	return id
}

// ofWhom is a setting's path, with whose policy it is.
func (v *visit) ofWhom(path string) string {
	part := strings.SplitN(path, ".", 3)
	kind := map[string]string{"repPolicies": "rep", "teamPolicies": "team"}[part[0]]
	if kind == "" || len(part) < 2 {
		return path
	}
	part[1] = v.numbered(kind, part[1])
	return strings.Join(part, ".")
}

// auditCheck reads the whole log and says whether it holds.
func (f *Frame) auditCheck(v *visit) {
	n, head, err := f.Store.VerifyAudit(v.ctx())
	s := struct {
		talk
		Good    bool
		Entries uint64
		Head    string
		Why     string
	}{v.talk, err == nil, n, fmt.Sprintf("%x", head[:]), ""}
	switch {
	case errors.Is(err, chain.ErrBroken):
		s.Why = err.Error() // which entry, in the verifier's own words: for whoever looks into it
		f.Log.Error("the audit log does not hold", "error", err)
	case err != nil:
		v.fail(err)
		return
	}
	v.show(http.StatusOK, web.Page{
		Title: v.say.Say(words.AdminAuditCheck), Section: web.Audit, Crumbs: []web.Link{{Text: v.say.Say(words.ShellAudit), Path: "/login/audit"}},
		Template: "audit-check", Data: s,
	})
}

// auditExport gives what the filter lets through as a table, the newest first.
// That somebody took it away is an entry itself.
func (f *Frame) auditExport(v *visit) {
	filter := v.filter(v.form.Get)
	filter.Limit = exportAtOnce
	if err := f.Store.Note(v.ctx(), v.rep.ID, "audit.export", "audit", v.now); err != nil {
		v.fail(err)
		return
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="audit-`+v.now.UTC().Format(time.DateOnly)+`.csv"`)
	out := csv.NewWriter(v.w)
	row := func(cells ...string) {
		for i, c := range cells {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") { // a spreadsheet would calculate it
				cells[i] = "'" + c
			}
		}
		_ = out.Write(cells) // csv.Writer remembers the error
	}
	row("seq", "at", "actor", "act", "subject", "detail", "hash")
	for {
		entries, err := f.Store.Audit(v.ctx(), filter)
		if err != nil {
			f.Log.Error("an export of the audit log broke off", "error", err)
			panic(http.ErrAbortHandler) // half a file must not look whole
		}
		for _, e := range entries {
			row(strconv.FormatUint(e.Seq, 10), e.At.UTC().Format(time.RFC3339), e.Actor, e.Act, e.Subject, string(e.Detail), fmt.Sprintf("%x", e.Hash[:]))
			filter.Before = e.Seq
		}
		if out.Flush(); out.Error() != nil || len(entries) < exportAtOnce {
			return
		}
	}
}
