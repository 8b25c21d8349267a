package visit

import (
	"context"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/wire"
)

const (
	// surveyTime is how long the line stays for questions that may follow the
	// end.
	surveyTime = 8 * time.Second
	// surveyLife is how long the broker takes answers (PROTOCOL.md, 4a).
	surveyLife = 30 * time.Minute
	// answerAgain is how often answers are said again until they are kept.
	answerAgain = 5 * time.Second
)

// survey is what became of the questions after the end.
type survey struct {
	come, told bool // the questions came; the model knows
	answers    *wire.Answers
	kept, late bool
}

// after stays on the line for the questions at the end (E02): until there are
// none, or the answers are kept, or ctx ends.
func (w *way) after(ctx context.Context) {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	late := time.NewTimer(surveyTime)
	defer late.Stop()
	again := time.NewTicker(answerAgain)
	defer again.Stop()
	poke(w.answers) // they may have come already
	for {
		select {
		case <-ctx.Done():
			return
		case <-late.C:
			w.note(chat.SurveyOver{})
			return
		case <-again.C:
		case <-w.answers:
		}
		w.mu.Lock()
		s := w.survey
		w.survey.told = s.come
		w.mu.Unlock()
		if s.come && !s.told {
			late.Reset(surveyLife)
		}
		switch {
		case s.kept:
			w.note(chat.Noted{})
			return
		case s.late:
			w.note(chat.SurveyOver{})
			return
		case s.answers != nil:
			_ = w.line.Send(s.answers) // or the next time
		}
	}
}

// surveyed takes the questions. They come once.
func (w *way) surveyed(m *wire.Survey) {
	w.mu.Lock()
	if !w.survey.come {
		w.survey.come = true
		w.noteLocked(chat.Surveyed{Survey: *m})
	}
	w.mu.Unlock()
	w.v.hasNews()
	poke(w.answers)
}

// answer has the answers said until they are kept.
func (w *way) answer(a []wire.SurveyAnswer) {
	w.mu.Lock()
	w.survey.answers = &wire.Answers{Session: w.id, Answers: a}
	w.mu.Unlock()
	poke(w.answers)
}

// noted hears that they are.
func (w *way) noted() {
	w.mu.Lock()
	w.survey.kept = w.survey.answers != nil
	w.mu.Unlock()
	poke(w.answers)
}

// unkept hears that the broker won't keep them.
func (w *way) unkept() {
	w.mu.Lock()
	w.survey.late = w.survey.answers != nil
	w.mu.Unlock()
	poke(w.answers)
}
