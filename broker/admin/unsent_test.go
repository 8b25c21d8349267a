package admin

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"handrail/broker/chromium"
	"handrail/broker/settings"
	"handrail/broker/web"
)

func TestK01WhatWasTypedWhenTheLoginEndedIsSentOnceMore(t *testing.T) {
	h := furnished(t)
	h.rule(func(p *settings.People) { p.IdleMinutes = 10 })
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/in")
	signsIn(w, "olga")
	w.Go("/login/teams/1")
	chromium.Eval[string](w, `document.querySelector("#f-name").value = "The “night”"`)
	h.pass(time.Hour)
	w.Follow("main form .buttons button")
	w.WaitText("nothing that you have typed is lost")
	looksRefused(t, w, "unsent")
	h.want("what is kept", h.in("olga").get("/login/teams/1"), http.StatusOK, `value="Support"`)

	form := chromium.Eval[string](w, `document.querySelector("main form").outerHTML`)
	w.Go("/login/in")
	signsIn(w, "olga")
	chromium.Eval[bool](w, `document.querySelector("main").innerHTML = `+"`"+form+"`"+`, true`)
	w.Follow("main form button")
	w.WaitText("Saved.")
	h.want("what is kept", h.in("olga").get("/login/teams/1"), http.StatusOK, `value="The “night”"`)
}

func TestK01AFormThatIsBegunWhenNobodyIsThereIsKept(t *testing.T) {
	h := furnished(t)
	h.rule(func(p *settings.People) { p.IdleMinutes = 10 })
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/in")
	signsIn(w, "olga")
	w.Go("/login/teams/1")
	w.Type("#f-name", "Night ")
	h.pass(time.Hour)
	chromium.Eval[int](w, `setTimeout(() => document.dispatchEvent(new Event("visibilitychange")))`)
	w.WaitText("nothing that you have typed is lost")
	looksRefused(t, w, "unsent-away")

	b := h.in("olga")
	h.want("what is kept", b.get("/login/teams/1"), http.StatusOK, `value="Support"`)
	h.want("sent as late by somebody signed in", b.post("/login/teams/1?late=&x=1", "was", "0", "name", "Evil"), http.StatusUnauthorized, `action="/login/teams/1?x=1"`)
	h.want("what is kept", b.get("/login/teams/1"), http.StatusOK, `value="Support"`)
	again := chromium.Eval[string](w, `document.querySelector("form.other").action + " " + document.querySelector("form.other [name=name]").value`)
	if !strings.HasSuffix(again, "/login/teams/1 Night Support") {
		t.Errorf("to be sent once more: %q", again)
	}
}

func TestK01OnlyAFormThatSaysWhatItWasMadeFromIsKeptWithoutALogin(t *testing.T) {
	h := furnished(t)
	b := h.browser()
	kept := b.post("/login/teams/1?x=1", "was", "0", "name", `<b>"N"`, "rank-2", "out")
	h.want("a stamped form", kept, http.StatusUnauthorized, `action="/login/teams/1?x=1"`)
	h.want("what was typed, as text", kept, http.StatusUnauthorized, `name="name" value="<b>"N""`)
	if strings.Contains(kept.body, "<b>") {
		t.Error("what was typed became a part of the page")
	}
	h.want("a page of settings", b.post("/login/portals/main/texts", "version", "1", "intro", "Hello"), http.StatusUnauthorized, "Hello")
	h.want("no stamp", b.post("/login/account/password", "password", good), http.StatusSeeOther, "/login/in")
	h.want("more than any form of ours", b.post("/login/teams/1", "was", strings.Repeat("x", maxUnsent)), http.StatusRequestEntityTooLarge, "")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+"/login/teams/1", strings.NewReader("was=0&name=Evil"))
	h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.want("from nobody knows where", b.do(r), http.StatusSeeOther, "/login/in")
}

// part is one of a form's: a field, or a file where it is called something.
type part struct{ name, called, content string }

// written is a form as browsers send it that can send files.
func written(t testing.TB, boundary string, parts ...part) string {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(boundary); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		make := func() (io.Writer, error) { return w.CreateFormField(p.name) }
		if p.called != "" {
			make = func() (io.Writer, error) { return w.CreateFormFile(p.name, p.called) }
		}
		to, err := make()
		if err == nil {
			_, err = io.WriteString(to, p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// send posts a body of a kind, from a page of ours.
func (b *browser_) send(path, kind, body string) answer {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodPost, b.h.server.URL+path, strings.NewReader(body))
	b.h.must(err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func TestK01AFormWithAFileIsKeptButForTheFile(t *testing.T) {
	h := furnished(t)
	b := h.browser()
	const kind = "multipart/form-data; boundary=line"
	version := part{name: "version", content: "3"}
	typed := part{name: "look.colour", content: `#0f5b8c"><b>`}
	kept := b.send("/login/portals/main/look?x=1", kind, written(t, "line", version, typed, part{"file", "our <b>logo.png", "PICTURE"}))
	h.want("what was typed", kept, http.StatusUnauthorized, `name="look.colour" value="#0f5b8c"><b>"`)
	h.want("where it goes", kept, http.StatusUnauthorized, `action="/login/portals/main/look?x=1" enctype="multipart/form-data"`)
	h.want("the file's field", kept, http.StatusUnauthorized, `<input id="f-file" name="file" type="file"`)
	h.want("what it is called", kept, http.StatusUnauthorized, "Choose the file “our <b>logo.png” again")
	if strings.Contains(kept.body, "<b>") || kept.has("PICTURE") {
		t.Error("a part of the form became a part of the page")
	}
	none := strings.Replace(written(t, "line", version, part{"file", "none", ""}), `filename="none"`, `filename=""`, 1)
	if got := b.send("/login/portals/main/look", kind, none); got.status != http.StatusUnauthorized || got.has(`name="file"`) {
		t.Errorf("where no file was chosen: %d, %s", got.status, got.body)
	}
	long := b.send("/login/portals/main/look", kind, written(t, "line", version, part{"file", strings.Repeat("ü", 300) + ".png", ""}))
	h.want("a long name", long, http.StatusUnauthorized, "“"+strings.Repeat("ü", maxCalled-1)+"…”")

	many := func(n int) (all []part) {
		for i := range n {
			all = append(all, part{name: fmt.Sprint("f", i)})
		}
		return append(all, version)
	}
	whole := written(t, "line", version, typed)
	for what, c := range map[string]struct{ kind, body string }{
		"no stamp":                    {kind, written(t, "line", typed)},
		"another boundary":            {"multipart/form-data; boundary=other", whole},
		"no boundary":                 {"multipart/form-data", whole},
		"half of it":                  {kind, whole[:len(whole)-10]},
		"a field without a name":      {kind, strings.Replace(whole, `name="look.colour"`, `x="y"`, 1)},
		"more than any form of ours":  {kind, written(t, "line", version, part{name: "a", content: strings.Repeat("x", maxUnsent)})},
		"so many names":               {kind, written(t, "line", version, part{name: strings.Repeat("n", maxUnsent)})},
		"more fields than there are":  {kind, written(t, "line", many(maxFields)...)},
		"a file that does not end":    {kind, written(t, "line", version, part{"file", "a.png", strings.Repeat("x", maxUnsent+maxFile)})},
		"of another kind":             {"multipart/mixed; boundary=line", whole},
		"of a kind that nobody knows": {"multipart/form-data; boundary=\"", whole},
	} {
		if got := b.send("/login/portals/main/look", c.kind, c.body); got.status != http.StatusSeeOther || got.to != "/login/in" {
			t.Errorf("%s: %d to %q", what, got.status, got.to)
		}
	}
	h.want("as many fields as there may be", b.send("/login/portals/main/look", kind, written(t, "line", many(maxFields-1)...)), http.StatusUnauthorized, `name="f0"`)
	h.want("the largest file", b.send("/login/portals/main/look", kind, written(t, "line", version, part{"file", "a.png", strings.Repeat("x", maxFile)})),
		http.StatusUnauthorized, "“a.png”")
	h.want("late, and no form of ours", h.in("olga").send("/login/teams/1?late=", kind, whole[:len(whole)-10]), http.StatusBadRequest, "")
}

// aPicture adds a page with a form that has a file, and gives what was sent to it.
func (h *house) aPicture() (sent func() string) {
	set := web.Parse(fstest.MapFS{"picture.html": {Data: []byte(`{{define "picture"}}<form method="post" action="/login/picture" enctype="multipart/form-data">
<input type="hidden" name="version" value="1">{{range .}}{{template "field" .}}{{end}}
<div class="buttons"><button name="do" value="save">Save</button></div></form>{{end}}`)}}, "*.html")
	got := make(chan string, 1)
	h.frame.mux.HandleFunc("/login/picture", h.frame.known(func(v *visit) {
		if v.r.Method == http.MethodPost {
			text, file := v.r.FormValue("text"), 0
			if f, about, err := v.r.FormFile("file"); err == nil {
				file = int(about.Size)
				_ = f.Close()
			}
			got <- fmt.Sprintf("%s, %d bytes, do=%s", text, file, v.r.FormValue("do"))
			v.seeOther("/login/", "saved")
			return
		}
		web.Shell(v.w, v.r, http.StatusOK, web.Page{Title: "Picture", Section: -1, Set: set, Template: "picture", Data: []web.Field{
			{Name: "text", Label: "Text"}, {Name: "file", Label: "Picture", Kind: "file"},
		}})
	}))
	return func() string { return <-got }
}

func TestK01AFileIsChosenAgainWhenTheLoginEnded(t *testing.T) {
	h := furnished(t)
	h.rule(func(p *settings.People) { p.IdleMinutes = 10 })
	sent := h.aPicture()
	w := chromium.Open(t, h.frame.Origin)
	signIn := func() {
		h.pass(time.Hour) // whoever was here is not any more
		w.Go("/login/in")
		signsIn(w, "olga")
	}
	choose := func(called string, size int) {
		chromium.Eval[bool](w, fmt.Sprintf(`(() => {
			const to = document.querySelector("#f-file"), files = new DataTransfer();
			files.items.add(new File(["x".repeat(%d)], %q));
			to.files = files.files;
			return to.dispatchEvent(new Event("input", { bubbles: true }));
		})()`, size, called))
	}
	for name, end := range map[string]func(){
		"sent": func() {
			choose("our logo.png", 1000)
			h.pass(time.Hour)
			w.Follow("main form .buttons button")
		},
		"by itself": func() {
			choose(strings.Repeat("logo", 20)+".png", maxUnsent+maxFile) // which is not sent
			h.pass(time.Hour)
			chromium.Eval[int](w, `setTimeout(() => document.dispatchEvent(new Event("visibilitychange")))`)
		},
	} {
		signIn()
		w.Go("/login/picture")
		w.Type("#f-text", "Our “colour”")
		end()
		w.WaitText("logo.png” again")
		looksRefused(t, w, "unsent-file-"+strings.ReplaceAll(name, " ", "-"))
		form := chromium.Eval[string](w, `document.querySelector("main form").outerHTML`)
		signIn()
		chromium.Eval[bool](w, `document.querySelector("main").innerHTML = `+"`"+form+"`"+`, true`)
		want := map[string]string{"sent": "Our “colour”, 2000 bytes, do=save", "by itself": "Our “colour”, 0 bytes, do="}[name]
		if name == "sent" {
			choose("another.png", 2000)
		}
		w.Follow("main form button")
		if got := sent(); got != want {
			t.Errorf("%s: came as %q, want %q", name, got, want)
		}
	}
}

// FuzzTypedOf: what is read of a form is what browsers would send again, and is
// never more than there is room for.
func FuzzTypedOf(f *testing.F) {
	for _, body := range []string{
		written(f, "line", part{name: "version", content: "3"}, part{"file", "a.png", "PICTURE"}, part{name: "a\r\n\"b", content: "\r\n--line"}),
		"--line\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=3D\r\n--line--",
		"--line--", "--line\n\n", "",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, files, err := typedOf(strings.NewReader(body), "line")
		if err != nil {
			if form != nil || files != nil {
				t.Error("something is kept of what is refused")
			}
			return
		}
		size, count := 0, len(files)
		var parts []part
		for name, values := range form {
			for _, value := range values {
				size, count = size+len(name)+len(value), count+1
				parts = append(parts, part{name: name, content: value})
			}
		}
		if size > min(maxUnsent, len(body)) || count > maxFields {
			t.Errorf("%d bytes in %d fields of %d bytes", size, count, len(body))
		}
		for name := range form {
			if strings.ContainsAny(name, "\r\n\"\\%") { // which are spelled otherwise
				return
			}
		}
		again, _, err := typedOf(strings.NewReader(written(t, "another-line", parts...)), "another-line")
		if err != nil || !reflect.DeepEqual(again, form) && len(form) > 0 {
			t.Errorf("read %q, and again %q, %v", form, again, err)
		}
	})
}
