package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/words"
)

func sorted[T cmp.Ordered](s []T) []T {
	slices.Sort(s)
	return s
}

func keys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// rep is what colleagues call a rep.
func (v *viewer) rep(id uint64) string {
	if id == 0 {
		return v.say.Say(words.ReportNobodyRep)
	}
	r, ok := v.org.Reps[id]
	if !ok {
		return v.say.Say(words.ReportRepNumber, id)
	}
	return r.Called()
}

func (v *viewer) team(id uint64) string {
	if id == 0 {
		return v.say.Say(words.ReportNoTeam)
	}
	t, ok := v.org.Teams[id]
	if !ok {
		return v.say.Say(words.ReportTeamNumber, id)
	}
	return t.Name
}

func (v *viewer) portal(id string) string {
	if id == "" {
		return v.say.Say(words.ReportNoPortal)
	}
	return cmp.Or(v.set.Portals[id].Name, id)
}

func (v *viewer) queue(name string) string {
	team, rep, ok := settings.ParseQueue(name)
	switch {
	case name == "" || !ok:
		return name
	case team != 0:
		return v.say.Say(words.ReportOfTeam, v.team(team))
	case rep != 0:
		return v.say.Say(words.ReportOfRep, v.rep(rep))
	}
	return v.say.Say(words.ReportGeneral)
}

func (v *viewer) name(r *record.Record) string {
	return cmp.Or(r.Name, r.Company, v.say.Say(words.ReportUnnamed))
}

var outcomes = map[record.Outcome]words.Sentence{
	record.Waiting: words.OutcomeWaiting, record.Going: words.OutcomeGoing, record.Helped: words.OutcomeHelped,
	record.Broken: words.OutcomeBroken, record.Abandoned: words.OutcomeAbandoned, record.NotAgreed: words.OutcomeNotAgreed,
	record.Nobody: words.OutcomeNobody, record.Notice: words.OutcomeNotice, record.NotMet: words.OutcomeNotMet,
}

var starts = map[string]words.Sentence{"rep": words.StartRep, "issue": words.StartIssue, "key": words.StartKey}

var endings = map[string]words.Sentence{
	"customer": words.EndedCustomer, "rep": words.EndedRep, "lost": words.EndedLost, "wrong-secret": words.EndedSecret,
	"never-met": words.EndedNeverMet, "declined": words.EndedDeclined, "broker": words.EndedBroker, "moved": words.EndedMoved,
	"not-agreed": words.EndedNotAgreed, "notice": words.EndedNotice, "nobody": words.EndedNobody, "not-verified": words.EndedNotVerified,
}

var answers = map[record.Answer]words.Sentence{
	record.NotAsked: words.AnswerNotAsked, record.Yes: words.AnswerYes, record.No: words.AnswerNo,
}

// called says a name that is kept, or the name itself if it has no sentence.
func called[K ~string](v *viewer, table map[K]words.Sentence, name K) string {
	if s, ok := table[name]; ok {
		return v.say.Say(s)
	}
	return string(name)
}

// mood is how a tag of an outcome looks.
func mood(o record.Outcome) string {
	switch o {
	case record.Helped, record.Going:
		return "good"
	case record.Abandoned, record.Nobody, record.Broken:
		return "bad"
	}
	return ""
}

// clock is a moment as people here write it; none is nothing.
func (v *viewer) clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(v.zone).Format("2006-01-02 15:04")
}

// precise is clock with seconds.
func (v *viewer) precise(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(v.zone).Format("2006-01-02 15:04:05")
}

// span is a length of time.
func (v *viewer) span(d time.Duration) string {
	s := int(d / time.Second)
	switch {
	case s < 60:
		return v.say.Say(words.SpanSeconds, s)
	case s < 3600:
		return v.say.Say(words.SpanMinutes, s/60, s%60)
	case s < 24*3600:
		return v.say.Say(words.SpanHours, s/3600, s/60%60)
	}
	return v.say.Say(words.SpanDays, s/86400, s/3600%24)
}

// brief is a length of time in lists: without the seconds of minutes.
func (v *viewer) brief(d time.Duration) string {
	if d >= time.Minute && d < time.Hour {
		return v.say.Say(words.SpanBrief, d.Round(time.Minute)/time.Minute)
	}
	return v.span(d)
}

func (v *viewer) waited(r *record.Record, say func(time.Duration) string) string {
	if r.Taken.IsZero() && r.Ended.IsZero() && r.Waited == 0 {
		return ""
	}
	return say(r.Waited)
}

func (v *viewer) lasted(r *record.Record, say func(time.Duration) string) string {
	if r.Taken.IsZero() || r.Ended.IsZero() {
		return ""
	}
	return say(r.Lasted)
}

// stars is a rating, none is nothing.
func (v *viewer) stars(n int) string {
	if n == 0 {
		return ""
	}
	return v.say.Say(words.ReportStars, n)
}

func (v *viewer) rated(c record.Count) string {
	if c.Rated == 0 {
		return ""
	}
	return v.say.Say(words.SummaryRatedBy, fmt.Sprintf("%.1f", c.AverageRating()), c.Rated)
}

// about says whose sessions are shown.
func (v *viewer) about() string {
	switch {
	case v.scope.All:
		return v.say.Say(words.ReportAllLead)
	case len(v.scope.Teams) > 0:
		return v.say.Say(words.ReportTeamsLead)
	}
	return v.say.Say(words.ReportOwnLead)
}

func (v *viewer) times() string { return v.say.Say(words.ReportTimes, v.zone.String()) }
