package lobby

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// met says whether an end is one of a session that had begun.
func met(why wire.EndWhy) bool {
	switch why {
	case wire.EndNotVerified, wire.EndDeclined, wire.EndWrongSecret, wire.EndNeverMet:
		return false
	}
	return true
}

// asked says whether a visit that is over has a survey (row E02): not one that
// never became anything, and not one that the customer left for a notice (W06).
func (l *Lobby) asked(v *visit) bool {
	switch v.Why {
	case wire.EndForNotice, wire.EndNotAgreed, wire.EndNobody:
		return false
	}
	p := l.portal(v)
	return met(v.Why) && (len(p.Survey) > 0 || p.ExitURL != "")
}

// survey asks the customer how it was, once it is over, unless that is
// answered.
func (l *Lobby) survey(v *visit) {
	if v.c == nil || v.Noted || !l.asked(v) {
		return
	}
	p := l.portal(v)
	s := &wire.Survey{Session: v.ID, URL: p.ExitURL}
	s.Questions = asking(p, p.Survey, v.Locale)
	if len(s.Questions) > 0 {
		rep := map[string]string{"rep": l.customerName(v.Last)}
		s.Intro, s.Thanks = l.text(v, settings.SurveyIntro, rep), l.text(v, settings.SurveyThanks, nil)
	}
	l.say(v, s)
}

// repAsked says whether the rep of a visit that is over has a survey, too.
func (l *Lobby) repAsked(v *visit) bool {
	return v.State == Over && v.RepTicket != nil && len(l.portal(v).RepSurvey) > 0
}

// surveyRep asks the rep, once it is over, unless that is answered.
func (l *Lobby) surveyRep(v *visit) {
	if v.RepNoted || !l.repAsked(v) {
		return
	}
	p := l.portal(v)
	language := cmp.Or(l.people.Reps[v.Last].Language, p.First())
	l.send(v.rep, &wire.Survey{Session: v.ID, Questions: asking(p, p.RepSurvey, language)})
}

// asking are questions in a language.
func asking(p settings.Portal, questions []settings.Question, language string) []wire.SurveyQuestion {
	var all []wire.SurveyQuestion
	for _, q := range questions[:min(len(questions), wire.MaxQuestions)] {
		all = append(all, question(p, q, language))
	}
	return all
}

func question(p settings.Portal, q settings.Question, language string) wire.SurveyQuestion {
	line := func(texts map[string]string) string { return clip(oneLine(p.Localized(texts, language)), wire.MaxLine) }
	w := wire.SurveyQuestion{ID: q.ID, Form: q.Form, Text: line(q.Texts), Required: q.Required}
	for _, o := range q.Options {
		w.Options = append(w.Options, line(o))
	}
	return w
}

// answers takes what a customer says about a visit that is over. Said again it
// changes nothing and is noted again.
func (l *Lobby) answers(now time.Time, c *client, a *wire.Answers) {
	if c.Role == wire.RoleRep {
		l.repAnswers(now, c, a)
		return
	}
	v := c.visit
	if v == nil || v.ID != a.Session || v.State != Over || !l.asked(v) || now.Sub(v.Over) >= surveyLife {
		l.refuse(c.Conn, wire.CodeGone, wire.KindAnswers, a.Session)
		return
	}
	if !v.Noted {
		details, ok := answered(l.portal(v).Survey, a.Answers)
		if !ok {
			l.refuse(c.Conn, wire.CodeMalformed, wire.KindAnswers, a.Session)
			return
		}
		v.Noted = true
		l.fact(now, v, FactSurvey, 0, "", details...)
		l.saveVisit(v)
	}
	l.say(v, &wire.Noted{Session: v.ID})
}

// repAnswers does the same for the rep: who is signed in as the one, or has
// come back with the ticket.
func (l *Lobby) repAnswers(now time.Time, c *client, a *wire.Answers) {
	v := l.visits[a.Session]
	if v == nil || !l.repAsked(v) || now.Sub(v.Over) >= surveyLife || v.rep != c.Conn && v.Last != c.rep {
		l.refuse(c.Conn, wire.CodeGone, wire.KindAnswers, a.Session)
		return
	}
	if !v.RepNoted {
		details, ok := answered(l.portal(v).RepSurvey, a.Answers)
		if !ok {
			l.refuse(c.Conn, wire.CodeMalformed, wire.KindAnswers, a.Session)
			return
		}
		if i := slices.Index(details, "rating"); i >= 0 { // that is the customer's
			details = slices.Delete(details, i, i+2)
		}
		v.RepNoted = true
		l.fact(now, v, FactSurvey, v.Last, "", details...)
		l.saveVisit(v)
	}
	l.send(c.Conn, &wire.Noted{Session: v.ID})
}

// answered checks answers against their questions, and gives them as records
// have them: names and values in turn. An option is told by its number, which
// is the same in every language.
func answered(questions []settings.Question, given []wire.SurveyAnswer) (details []string, ok bool) {
	done := map[uint32]bool{}
	rated := false
	for _, a := range given {
		i := slices.IndexFunc(questions, func(q settings.Question) bool { return q.ID == a.ID })
		if i < 0 || done[a.ID] {
			return nil, false
		}
		value, fits := fitting(questions[i], a)
		if !fits {
			return nil, false
		}
		if value == "" {
			continue
		}
		done[a.ID] = true
		details = append(details, "answer."+strconv.FormatUint(uint64(a.ID), 10), value)
	}
	for _, q := range questions {
		if q.Required && !done[q.ID] {
			return nil, false
		}
		if q.Form == wire.FormRating && !rated {
			rated = true // records are found by the first rating there is
			if i := slices.Index(details, "answer."+strconv.FormatUint(uint64(q.ID), 10)); i >= 0 {
				details = append(details, "rating", details[i+1])
			}
		}
	}
	return details, true
}

// fitting is an answer's value, empty for none, if the answer has only what its
// question asks for.
func fitting(q settings.Question, a wire.SurveyAnswer) (value string, ok bool) {
	switch q.Form {
	case wire.FormRating:
		if a.Rating == 0 {
			return "", len(a.Options) == 0 && a.Text == ""
		}
		return strconv.Itoa(int(a.Rating)), len(a.Options) == 0 && a.Text == ""
	case wire.FormOne, wire.FormSome:
		if a.Rating != 0 || a.Text != "" || q.Form == wire.FormOne && len(a.Options) > 1 {
			return "", false
		}
		options := slices.Clone(a.Options)
		slices.Sort(options)
		var numbers []string
		for i, o := range options {
			if int(o) >= len(q.Options) || i > 0 && o == options[i-1] {
				return "", false
			}
			numbers = append(numbers, strconv.Itoa(int(o)))
		}
		return strings.Join(numbers, ","), true
	}
	return strings.TrimSpace(a.Text), a.Rating == 0 && len(a.Options) == 0
}
