// Package web is what all of the broker's pages share: what holds for every
// answer, the look, languages and directions of writing, forms, failures, live
// updates, and how much one address may ask for. What is on the pages is the
// business of packages portal, admin, manage and report.
//
// No page needs a script. Whatever a browser sends is untrusted: it is read
// with a limit, and a request of another site that would change something is
// refused before it reaches a page.
package web

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"

	"handrail/shared/words"
)

// policy lets a page use what this server itself gives, without other sites,
// frames, and anything written into the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxBody is the most that any page takes, in bytes: a file of settings with
// the logos of some portals in it. ReadForm is told less.
const maxBody = 4 << 20

// Guard sets what holds for every answer of next, and refuses requests that
// another site's page made and that would change something.
func Guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Fail(w, r, http.StatusForbidden, words.PageElsewhere)
	}))
	same := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		defer sorry(w, r)
		same.ServeHTTP(w, r)
	})
}

// sorry answers for a page that panicked. The visitor learns nothing about why.
func sorry(w http.ResponseWriter, r *http.Request) {
	why := recover()
	if why == nil {
		return
	}
	if why == http.ErrAbortHandler {
		panic(why) // not a fault: a handler ends its connection so
	}
	// The address may hold a secret of the visitor's, its pattern doesn't.
	logOf(r.Context()).Error("a page failed", "page", r.Pattern, "why", why, "stack", string(debug.Stack()))
	Fail(w, r, http.StatusInternalServerError, words.PageBroken)
}

type logKey struct{}

// withLog says where faults of pages are told.
func withLog(ctx context.Context, log *slog.Logger) context.Context {
	return context.WithValue(ctx, logKey{}, log)
}

func logOf(ctx context.Context) *slog.Logger {
	if log, ok := ctx.Value(logKey{}).(*slog.Logger); ok {
		return log
	}
	return slog.New(slog.DiscardHandler)
}

// Reads says whether r only reads, and refuses it if not.
func Reads(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	Refuse(w, r, "GET, HEAD")
	return false
}

// Refuse answers a request with a method that its page doesn't have.
func Refuse(w http.ResponseWriter, r *http.Request, allow string) {
	w.Header().Set("Allow", allow)
	Fail(w, r, http.StatusMethodNotAllowed, words.PageRefused)
}

// ReadForm reads what a form of ours sent, at most limit bytes, and answers the
// request itself if that is no form or more. What is in the address is not part
// of it.
func ReadForm(w http.ResponseWriter, r *http.Request, limit int64) (url.Values, bool) {
	if r.Method != http.MethodPost {
		Refuse(w, r, http.MethodPost)
		return nil, false
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		Fail(w, r, http.StatusUnsupportedMediaType, words.PageUnclear)
		return nil, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	var large *http.MaxBytesError
	switch err := r.ParseForm(); {
	case errors.As(err, &large):
		Fail(w, r, http.StatusRequestEntityTooLarge, words.PageCrowded)
	case errors.Is(err, ErrSlow):
		TooSlow(w, r)
	case err != nil:
		Fail(w, r, http.StatusBadRequest, words.PageUnclear)
	default:
		return r.PostForm, true
	}
	return nil, false
}
