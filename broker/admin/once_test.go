package admin

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"handrail/broker/chromium"
	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/web"
)

// rightForms are forms that do what they ask for, where those of routes don't.
var rightForms = map[string][]string{
	"/login/people/new":    {"name", "Nora", "mail", "nora@example.org", "invite", "on"},
	"/login/people/2/role": {"do", "give", "role", "auditor"},
	"/login/roles/new":     {"name", "Night", "may", string(people.ReadAudit)},
}

// another is one more broker of the same organisation.
func (h *house) another() (url string) {
	h.t.Helper()
	s := httptest.NewTLSServer(New(h.frame.Config))
	h.t.Cleanup(s.Close)
	return s.URL
}

// TestAPageThatShowsSomethingOnceMakesItOnce sends every form of this package
// twice: to load a page again that answers a form sends that form again, and
// another broker than the first may get it.
func TestAPageThatShowsSomethingOnceMakesItOnce(t *testing.T) {
	var once []string
	for _, row := range routes {
		if !row.post || row.may == "-" {
			continue
		}
		h := furnished(t)
		b := h.in("olga")
		form := row.form
		if right := rightForms[row.path]; right != nil {
			form = right
		}
		form = append(slices.Clone(form), web.FieldOnce, web.NewOnce())
		before := h.dump()
		got := b.post(row.path, form...)
		if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") || h.dump() == before {
			continue // it leads to a page, or has done nothing
		}
		once = append(once, row.path)
		after := h.dump()
		h.want(row.path+" again", b.post(row.path, form...), http.StatusConflict, "This was sent before")
		h.want(row.path+" at another broker", b.postTo(h.another(), row.path, form...), http.StatusConflict, "nothing was done this time")
		if h.dump() != after {
			t.Errorf("%s: the second time does something", row.path)
		}
	}
	if want := []string{"/login/account/factor/codes", "/login/people/new", "/login/people/2/reset"}; !slices.Equal(once, want) {
		t.Errorf("shown once is what comes of %q, want %q", once, want)
	}
}

func TestWhatIsAddedTwiceByASecondClickIsThereOnce(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	for _, row := range [][]string{
		{"/login/people/new", "name", "Nora"},
		{"/login/teams/new", "name", "Printers"},
		{"/login/roles/new", "name", "Night", "may", string(people.ReadAudit)},
	} {
		form := append(row[1:], web.FieldOnce, web.NewOnce())
		h.want(row[0], b.post(row[0], form...), http.StatusSeeOther, "added")
		after := h.dump()
		h.want(row[0]+" again", b.post(row[0], form...), http.StatusConflict, "This was sent before")
		h.want(row[0]+" with a number of nobody's", b.post(row[0], append(row[1:], web.FieldOnce, "x")...), http.StatusBadRequest, "does not understand")
		if h.dump() != after {
			t.Errorf("%s: the second time does something", row[0])
		}
	}
}

func TestWhatIsSavedTwiceByASecondClickIsSaved(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	number := web.NewOnce()
	for _, row := range []struct {
		path string
		form []string
		to   string // after the second click, too
		says string
	}{
		{"/login/people/2", []string{"name", "Rudolf", "mail", "rudi@example.org", "was", b.was("/login/people/2")}, "did=saved", "Rudolf"},
		{"/login/teams/1", []string{"name", "Help", "rank-2", "1", "was", b.was("/login/teams/1")}, "did=saved", "Help"},
		{"/login/roles/auditor", []string{"name", "Reader", "may", "audit.read", "was", b.was("/login/roles/auditor")}, "did=saved", "Reader"},
		{"/login/people/2/state", []string{"do", "disable"}, "did=disabled", "Rudolf"},
		{"/login/console/7K2P-X0M4", []string{"do", "allow"}, "/login/console/7K2P-X0M4", "logged in as you"},
		{"/login/account/password", []string{"password", good, "new", other, "again", other, web.FieldOnce, number}, "did=password", "changed"},
	} {
		h.want(row.path, b.post(row.path, row.form...), http.StatusSeeOther, row.to)
		entries := h.entries()
		again := b.post(row.path, row.form...)
		if again.status == http.StatusConflict && again.has("This was sent before") {
			continue
		}
		h.want(row.path+" again", again, http.StatusSeeOther, row.to)
		h.want(row.path+" afterwards", b.get(again.to), http.StatusOK, row.says)
		if h.entries() != entries {
			t.Errorf("%s: the log is told of nothing", row.path)
		}
	}
}

// entries is how many the audit log has.
func (h *house) entries() uint64 {
	h.t.Helper()
	n, _, err := h.store.AuditHead(h.t.Context())
	h.must(err)
	return n
}

func TestK01AnAppIsConfirmedOnceAndItsCodesStay(t *testing.T) {
	h := newHouse(t)
	owner := h.owner()
	b := h.in("olga")
	h.want("begun", b.post("/login/account/factor", "do", "begin", "password", good), http.StatusSeeOther, "/login/account/factor")
	has, err := h.store.Credentials(t.Context(), owner)
	h.must(err)
	secret, err := h.frame.Sealer.Open(owner, has.TOTP)
	h.must(err)
	code, err := totp.GenerateCode(locks.TOTPText(secret), h.clock())
	h.must(err)
	h.want("a right one", b.post("/login/account/factor", "code", code), http.StatusOK, "the only time")
	after := h.dump()
	h.want("it again", b.post("/login/account/factor", "code", code), http.StatusConflict, "This was sent before")
	if h.dump() != after {
		t.Error("the second time does something")
	}
}

// TestEveryFormHasARow reads this package: a form that nobody sends twice can't
// be added to it.
func TestEveryFormHasARow(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	posts, sent := http.NewServeMux(), map[string]bool{}
	added := regexp.MustCompile(`f\.(?:page|open)\("([^"]+)", .*, (nil|f\.)|HandleFunc\("([^"]+)", f\.known\((f\.)`)
	for _, name := range names {
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range added.FindAllStringSubmatch(string(code), -1) {
			if path := m[1] + m[3]; m[2] != "nil" && path != "/login/" {
				posts.HandleFunc(path, http.NotFound)
				sent[path] = false
			}
		}
	}
	for _, row := range routes {
		if row.post {
			_, pattern := posts.Handler(httptest.NewRequest(http.MethodPost, row.path, nil))
			sent[pattern] = true
		}
	}
	for path, ok := range sent {
		if !ok || len(sent) < 20 {
			t.Errorf("nobody sends anything to %q", path)
		}
	}
}

// TestK01ASecondClickOnTheCodeIsNotSent: a code works once, so the second one
// would lead whoever is in back to the beginning.
func TestK01ASecondClickOnTheCodeIsNotSent(t *testing.T) {
	h := newHouse(t)
	code := h.app(h.owner())
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/in")
	signsIn(w, "olga")
	w.Type("#f-code", code())
	if n := w.TwoClicks("main form button"); n != 1 {
		t.Errorf("two clicks send %d forms", n)
	}
	w.Follow("main form button")
	w.WaitText("Hello, Olga")
}
