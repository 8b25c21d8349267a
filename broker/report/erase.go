package report

import (
	"errors"
	"net/http"

	"handrail/broker/people"
	"handrail/broker/record"
	"handrail/broker/web"
	"handrail/shared/words"
)

// eraseForm is the most that the form may send, in bytes: it has no fields.
const eraseForm = 1 << 10

// erasePage is what erase.html shows.
type erasePage struct {
	W          map[string]string
	Path, Back string
	Which      string
}

// mayErase says whether somebody may delete sessions: those who decide how long
// all of them are kept.
func (v *viewer) mayErase() bool { return v.who.May[people.ImportSettings] }

// erase asks once more, and then deletes a session.
func (h *reports) erase(w http.ResponseWriter, r *http.Request, v *viewer) error {
	s, err := h.whole(r, v)
	if err != nil {
		return err
	}
	if !v.mayErase() {
		web.Fail(w, r, http.StatusForbidden, words.ManageNotAllowed)
		return nil
	}
	status, problem := http.StatusOK, ""
	if r.Method == http.MethodPost {
		if _, ok := web.ReadForm(w, r, eraseForm); !ok {
			return nil
		}
		switch err := h.Store.Erase(r.Context(), v.who.Rep, s.Session, v.scope, v.now); {
		case err == nil:
			http.Redirect(w, r, Root+"?did=erased", http.StatusSeeOther)
			return nil
		case errors.Is(err, record.ErrGoing):
			status, problem = http.StatusConflict, v.say.Say(words.EraseGoing)
		default:
			return err
		}
	}
	page := erasePage{
		Path: sessionPath(s.Session) + "/erase", Back: sessionPath(s.Session),
		Which: v.say.Say(words.EraseSession, v.precise(s.Came), s.Session.String()), W: map[string]string{},
	}
	for short, s := range map[string]words.Sentence{"what": words.EraseWhat, "logged": words.EraseLogged, "do": words.EraseDo, "cancel": words.EraseCancel} {
		page.W[short] = v.say.Say(s)
	}
	name := v.name(&s.Record)
	web.Shell(w, r, status, web.Page{
		Title: v.say.Say(words.EraseTitle, name), Section: web.Reports, Problem: problem,
		Crumbs: []web.Link{{Text: v.say.Say(words.ReportTitle), Path: Root}, {Text: v.say.Say(words.ReportSession, name), Path: page.Back}},
		Set:    set, Template: "erase", Data: page, Styles: styles(),
	})
	return nil
}
