package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"handrail/broker/people"
	"handrail/shared/words"
)

const (
	// FieldOnce is the hidden field of a form that counts once: its number. A
	// template writes it as {{once}}.
	FieldOnce = "once"
	// onceLife is how long a number is remembered that was used: longer than
	// anybody leaves the page open that came of it.
	onceLife = 365 * 24 * time.Hour
	onceSize = 26 // letters that rand.Text draws
)

// Spender keeps which numbers were used, for all brokers together. Its error is
// people.ErrUsed for one that was.
type Spender interface {
	Spend(ctx context.Context, what people.Hash, expires time.Time) error
}

// NewOnce draws a number for a form.
func NewOnce() string { return rand.Text() }

// First lets a form through that is sent for the first time, and answers any
// other: where is what shows what came of it. It uses the form's number up, so it
// comes after all that may be wrong with the form: who mends it sends a new
// number. With an error nothing is answered.
func First(w http.ResponseWriter, r *http.Request, s Spender, form url.Values, now time.Time, in Section, where Link) (bool, error) {
	all := form[FieldOnce]
	if len(all) != 1 || len(all[0]) != onceSize { // none of our forms
		Fail(w, r, http.StatusBadRequest, words.PageUnclear)
		return false, nil
	}
	err := s.Spend(r.Context(), sha256.Sum256([]byte("form "+all[0])), now.Add(onceLife))
	switch {
	case errors.Is(err, people.ErrUsed): // by a second click, or by loading the page that came of it again
		Sent(w, r, in, where)
		return false, nil
	case err != nil:
		return false, fmt.Errorf("using the number of a form up: %w", err)
	}
	return true, nil
}

// onceField is the field as HTML.
func onceField() template.HTML {
	return template.HTML(`<input type="hidden" name="` + FieldOnce + `" value="` + NewOnce() + `">`) // letters and digits
}

// sent is what the page says of a form that was sent before.
type sent struct{ Text, Path, Link string }

// Sent answers a form that was sent before: nothing is done, and where can be
// seen what came of it.
func Sent(w http.ResponseWriter, r *http.Request, in Section, where Link) {
	var say words.Speaker
	Shell(w, r, http.StatusConflict, Page{
		Title: say.Say(words.AdminSentTitle), Section: in, Set: own, Template: "sent",
		Data: sent{say.Say(words.AdminSent), where.Path, where.Text},
	})
}
