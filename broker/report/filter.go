package report

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/web"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	longestFilter = 100 // characters
	firstDays     = 30  // that are shown until somebody chooses others
)

// filters are what somebody filters by, as it was asked for and as a form.
type filters struct {
	record.Filter
	asked  url.Values // what of the address counts
	fields []web.Field
	wrong  bool
}

// reader reads filters one by one.
type reader struct {
	v    *viewer
	from url.Values
	f    *filters
}

// filters reads the filters of an address. What can't be understood is said
// beside its field.
func (v *viewer) filters(r *http.Request) *filters {
	f := &filters{Filter: record.Filter{Scope: v.scope}, asked: url.Values{}}
	in := reader{v, r.URL.Query(), f}
	in.dates()
	f.Name = in.text("name", words.ReportCustomer)
	f.Company = in.text("company", words.ReportCompany)
	f.Outcome = record.Outcome(in.choice("outcome", words.ReportOutcome, outcomeOptions(v)))
	if len(v.set.Portals) > 1 {
		f.Portal = in.choice("portal", words.ReportPortal, v.portals())
	}
	if options := v.teams(); len(options) > 0 {
		f.Team = number(in.choice("team", words.ReportTeam, options))
	}
	if options := v.reps(); len(options) > 1 {
		f.Rep = number(in.choice("rep", words.ReportRep, options))
	}
	if options := v.issues(); len(options) > 0 {
		f.Issue = in.choice("issue", words.ReportIssue, options)
	}
	f.Code = in.text("code", words.ReportCode)
	f.Rating = int(number(in.choice("rating", words.ReportRating, ratings(v))))
	f.Result = lobby.OutcomeNamed(in.choice("result", words.ReportResult, resultOptions(v)))
	return f
}

// dates reads the days. Nobody who has chosen none means all of a million.
func (in reader) dates() {
	v, f := in.v, in.f
	today := record.Date(record.Day(v.now, v.zone))
	from, until := in.from.Get("from"), in.from.Get("until")
	if !in.from.Has("from") && !in.from.Has("until") {
		from, until = today.AddDate(0, 0, 1-firstDays).Format(time.DateOnly), today.Format(time.DateOnly)
	}
	day := func(name, text string, label words.Sentence) (time.Time, bool) {
		field := web.Field{Name: name, Label: v.say.Say(label), Kind: "date"}
		at, err := time.Parse(time.DateOnly, text)
		good := err == nil && at.Year() >= 1970 && at.Year() <= 9998
		switch {
		case good:
			field.Value = text
			f.asked.Set(name, text)
		case text != "":
			field.Problem, f.wrong = v.say.Say(words.ReportBadDate), true
		default:
			f.asked.Set(name, "")
		}
		f.fields = append(f.fields, field)
		return at, good
	}
	midnight := func(d time.Time) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, v.zone) }
	first, begins := day("from", from, words.ReportFrom)
	last, ends := day("until", until, words.ReportUntil)
	if begins {
		f.From, f.FromDay = midnight(first), record.Day(first, time.UTC)
	}
	if ends {
		f.Until, f.UntilDay = midnight(last.AddDate(0, 0, 1)), record.Day(last, time.UTC)+1
	}
	if begins && ends && last.Before(first) {
		f.fields[1].Problem, f.wrong = v.say.Say(words.ReportBackwards), true
	}
}

// text reads a filter in somebody's own words.
func (in reader) text(name string, label words.Sentence) string {
	field := web.Field{Name: name, Label: in.v.say.Say(label), Max: longestFilter}
	text, ok := web.Once(in.from, name, longestFilter)
	if !ok {
		field.Problem, in.f.wrong = in.v.say.Say(words.ReportTooLong, longestFilter), true
		text = ""
	}
	field.Value = strings.TrimSpace(text)
	if field.Value != "" {
		in.f.asked.Set(name, field.Value)
	}
	in.f.fields = append(in.f.fields, field)
	return field.Value
}

// choice reads a filter that is one of several.
func (in reader) choice(name string, label words.Sentence, options []web.Option) string {
	field := web.Field{Name: name, Label: in.v.say.Say(label), Kind: "select"}
	chosen := in.from.Get(name)
	field.Options = append([]web.Option{{Label: in.v.say.Say(words.ReportAny)}}, options...)
	found := slices.IndexFunc(field.Options, func(o web.Option) bool { return o.Value == chosen })
	if found < 0 {
		field.Problem, in.f.wrong, chosen, found = in.v.say.Say(words.ReportBadChoice), true, "", 0
	}
	field.Options[found].Chosen = true
	if chosen != "" {
		in.f.asked.Set(name, chosen)
	}
	in.f.fields = append(in.f.fields, field)
	return chosen
}

func number(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0 // none chosen: options are numbers
	}
	return n
}

func option[N ~uint64 | ~int](value N, label string) web.Option {
	return web.Option{Value: fmt.Sprint(value), Label: label}
}

func byLabel(options []web.Option) []web.Option {
	slices.SortStableFunc(options, func(a, b web.Option) int { return strings.Compare(record.Key(a.Label), record.Key(b.Label)) })
	return options
}

func outcomeOptions(v *viewer) (options []web.Option) {
	for _, o := range record.Outcomes() {
		options = append(options, web.Option{Value: string(o), Label: called(v, outcomes, o)})
	}
	return options
}

// resultOptions are what reps say became of sessions.
func resultOptions(v *viewer) (options []web.Option) {
	for _, o := range []wire.Outcome{wire.OutcomeSolved, wire.OutcomeUnsolved, wire.OutcomeFollowUp} {
		options = append(options, web.Option{Value: lobby.OutcomeName(o), Label: v.say.Outcome(o)})
	}
	return options
}

func ratings(v *viewer) (options []web.Option) {
	for n := 5; n >= 1; n-- {
		options = append(options, option(n, v.stars(n)))
	}
	return options
}

func (v *viewer) portals() (options []web.Option) {
	for id := range v.set.Portals {
		options = append(options, web.Option{Value: id, Label: v.portal(id)})
	}
	return byLabel(options)
}

// teams are those whose sessions the viewer may see.
func (v *viewer) teams() (options []web.Option) {
	for id, t := range v.org.Teams {
		if v.scope.All || slices.Contains(v.scope.Teams, id) {
			options = append(options, option(id, t.Name))
		}
	}
	return byLabel(options)
}

// reps are those whose sessions the viewer may see.
func (v *viewer) reps() (options []web.Option) {
	for id := range v.org.Reps {
		if v.scope.All || slices.Contains(v.scope.Reps, id) {
			options = append(options, option(id, v.rep(id)))
		}
	}
	return byLabel(options)
}

// issues are those of all portals, each name once: a session is kept with the
// name that the issue had for reps.
func (v *viewer) issues() (options []web.Option) {
	for _, portal := range keys(v.set.Portals) {
		p := v.set.Portals[portal]
		for _, i := range p.Issues {
			name := p.Called(i.Names)
			if !slices.ContainsFunc(options, func(o web.Option) bool { return o.Value == name }) {
				options = append(options, web.Option{Value: name, Label: name})
			}
		}
	}
	return byLabel(options)
}

// dates says which days a filter is about.
func (f *filters) dates(v *viewer) string {
	from, until := f.asked.Get("from"), f.asked.Get("until")
	switch {
	case from != "" && until != "":
		return v.say.Say(words.ReportBetween, from, until)
	case from != "":
		return v.say.Say(words.ReportSince, from)
	case until != "":
		return v.say.Say(words.ReportUpTo, until)
	}
	return v.say.Say(words.ReportAllTime)
}

// narrow are the filters besides the dates, as people read them.
func (f *filters) narrow() (pairs []pair) {
	for _, field := range f.fields[2:] {
		value := field.Value
		for _, o := range field.Options {
			if o.Chosen && o.Value != "" {
				value = o.Label
			}
		}
		if value != "" {
			pairs = append(pairs, pair{field.Label, value})
		}
	}
	return pairs
}

// link is an address with the filters, and more.
func (f *filters) link(path string, more ...string) string {
	q := url.Values{}
	maps.Copy(q, f.asked)
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return path + "?" + q.Encode()
}

// cursors are places in lists as they stand in addresses.
func writeCursor(c record.Cursor) string {
	return strconv.FormatInt(c.Came.UnixMicro(), 36) + "." + hex.EncodeToString(c.Session[:])
}

func readCursor(text string) (*record.Cursor, error) {
	if text == "" {
		return nil, nil
	}
	var c record.Cursor
	at, id, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(at, 36, 64)
	if err == nil {
		err = c.Session.UnmarshalText([]byte(id))
	}
	if err != nil {
		return nil, unclear(words.PageUnclear)
	}
	c.Came = time.UnixMicro(micros)
	return &c, nil
}
