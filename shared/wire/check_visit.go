package wire

import (
	"errors"
	"fmt"
	"strings"
)

func (m *Enter) check() error {
	if len(m.Code) != 9 || strings.Trim(m.Code, "0123456789") != "" {
		return errors.New("code is not nine digits")
	}
	return errors.Join(name("name", m.Name), line("locale", m.Locale, MaxCap))
}

func (m *Admitted) check() error {
	return errors.Join(ticket(m.Ticket), name("portal", m.Portal), name("name", m.Name))
}

func (m *Question) check() error {
	return errors.Join(filled("id", int(m.ID)), within("what", int(m.What), int(AskedAgreement), int(AskedRecording)),
		name("title", m.Title), filled("text", len(m.Text)), plain("text", m.Text), moment("until", m.Until))
}

func (m *Decision) check() error { return filled("id", int(m.ID)) }

func (m *Waiting) check() error { return name("queue", m.Queue) }

// What a newer broker tells is shown as a greeting would be.
func (m *Told) check() error {
	return errors.Join(filled("what", int(m.What)), name("title", m.Title), filled("text", len(m.Text)),
		plain("text", m.Text), address(m.URL))
}

func (m *Survey) check() error {
	seen := map[uint32]bool{}
	return errors.Join(plain("intro", m.Intro), plain("thanks", m.Thanks), address(m.URL),
		atMost("questions", len(m.Questions), MaxQuestions),
		each(m.Questions, func(q *SurveyQuestion) error {
			if seen[q.ID] {
				return fmt.Errorf("question %d twice", q.ID)
			}
			seen[q.ID] = true
			return q.check()
		}))
}

func (q *SurveyQuestion) check() error {
	low, high := 0, 0
	if q.Form == FormOne || q.Form == FormSome {
		low, high = 1, MaxOptions
	}
	return errors.Join(filled("id", int(q.ID)), within("form", int(q.Form), int(FormRating), int(FormText)),
		filled("text", len(q.Text)), line("text", q.Text, MaxLine), within("options", len(q.Options), low, high),
		each(q.Options, func(s *string) error { return errors.Join(filled("option", len(*s)), line("option", *s, MaxLine)) }))
}

func (m *Answers) check() error {
	return errors.Join(atMost("answers", len(m.Answers), MaxQuestions), each(m.Answers, func(a *SurveyAnswer) error {
		return errors.Join(filled("id", int(a.ID)), atMost("rating", int(a.Rating), 5),
			atMost("options", len(a.Options), MaxOptions), plain("text", a.Text),
			each(a.Options, func(o *uint8) error { return atMost("option", int(*o), MaxOptions-1) }))
	}))
}

func (*Noted) check() error { return nil }

func (m *Queues) check() error {
	return errors.Join(atMost("queues", len(m.Queues), MaxQueues), each(m.Queues, func(q *Queue) error {
		return errors.Join(queue(q.ID), queueKind(q.What), name("name", q.Name))
	}))
}

func (m *Visitor) check() error {
	return errors.Join(queue(m.Queue), moment("since", m.Since), name("name", m.Name),
		line("company", m.Company, MaxLine), line("company code", m.CompanyCode, MaxLine), line("issue", m.Issue, MaxLine),
		plain("description", m.Description), atMost("fields", len(m.Fields), MaxFields),
		each(m.Fields, func(f *VisitorField) error {
			return errors.Join(filled("field", len(f.Name)), line("field", f.Name, MaxLine), line("value", f.Value, MaxLine))
		}),
		name("portal", m.Portal), name("system", m.System), line("locale", m.Locale, MaxCap),
		atMost("recording", int(m.Recording), int(ConsentDeclined)), name("from", m.From), plain("note", m.Note))
}

func (m *VisitorGone) check() error {
	return errors.Join(within("why", int(m.Why), int(GoneTaken), int(GoneMoved)), name("by", m.By))
}

func (m *Take) check() error {
	if m.Queue == "" {
		return nil
	}
	return queue(m.Queue)
}

func (m *HandOn) check() error { return errors.Join(queue(m.Queue), plain("note", m.Note)) }

func (m *Targets) check() error {
	return errors.Join(atMost("targets", len(m.Targets), MaxTargets), each(m.Targets, func(t *Target) error {
		return errors.Join(queue(t.Queue), queueKind(t.What), name("name", t.Name))
	}))
}

func queue(id string) error {
	return errors.Join(filled("queue", len(id)), line("queue", id, MaxQueue))
}

func queueKind(k QueueKind) error {
	return within("kind of queue", int(k), int(QueuePersonal), int(QueueGeneral))
}

// plain checks text of several lines.
func plain(what, s string) error { return text(what, s, MaxPlain) }

// address checks an address that a browser is to open, if there is one.
func address(s string) error {
	if s != "" && !strings.HasPrefix(s, "https://") {
		return errors.New("address is not https")
	}
	return line("address", s, MaxCandidate)
}
