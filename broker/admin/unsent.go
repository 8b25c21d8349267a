package admin

import (
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"

	"handrail/broker/web"
	"handrail/shared/words"
)

// Limits of a form that is kept.
const (
	maxUnsent = 1 << 20 // bytes of what was typed: the largest form has that much, of a portal's texts
	maxFile   = 2 << 20 // bytes that a file may take on its way to be thrown away; a logo's form takes no more
	maxFields = 10_000  // a hundred times the largest form's
	maxCalled = 100     // characters of a file's name
)

// late is in the address of a form that a page has sent by itself when its login
// ended: nobody has said that it is ready.
const late = "late"

// unsentShown is the page that keeps what somebody has typed whose login ended
// meanwhile, until they send it once more. It is in their browser alone.
type unsentShown struct {
	Title, Text, In, Again string
	Path                   string
	Many                   bool // the form can send files
	Fields                 []hidden
	Files                  []web.Field // to be chosen again
}

// keepUnsent answers a form that came without a login, or late, if it is one of those
// that say what they were made from: they are the long ones, and sent late they
// undo nothing. Nothing of it is looked at. False: it has not answered.
func (f *Frame) keepUnsent(w http.ResponseWriter, r *http.Request) bool {
	kind, how, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what can't be read is no form
	// Older browsers don't tell where a form was. Another site's would become
	// one of ours here.
	if r.Method != http.MethodPost || r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		return false
	}
	to := *r.URL
	query := to.Query()
	query.Del(late)
	to.RawQuery = query.Encode()
	var t talk
	s := unsentShown{
		Title: t.say.Say(words.AdminUnsentTitle), Text: t.say.Say(words.AdminUnsent), In: t.say.Say(words.AdminUnsentIn),
		Again: t.say.Say(words.AdminUnsentAgain), Path: to.RequestURI(), Many: kind == "multipart/form-data",
	}
	var form url.Values
	switch kind {
	case "application/x-www-form-urlencoded":
		var ok bool
		if form, ok = web.ReadForm(w, r, maxUnsent); !ok {
			return true
		}
	case "multipart/form-data":
		r.Body = http.MaxBytesReader(w, r.Body, maxUnsent+maxFile)
		var files []hidden
		var err error
		if form, files, err = typedOf(r.Body, how["boundary"]); err != nil {
			return false // no form of ours
		}
		for _, file := range files {
			s.Files = append(s.Files, web.Field{
				Name: file.Name, Kind: "file", Label: t.say.Say(words.AdminUnsentFile, file.Value), Hint: t.say.Say(words.AdminUnsentHint),
			})
		}
	}
	if !form.Has("was") && !form.Has("version") {
		return false
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			s.Fields = append(s.Fields, hidden{name, value})
		}
	}
	f.sheet(w, r, http.StatusUnauthorized, words.AdminUnsentTitle, "unsent", s)
	return true
}

var errNotOurs = errors.New("admin: no form of ours")

// typedOf reads what was typed into a form that can send files, and of the files
// which field each was chosen in and what it is called. They themselves are left
// where they are: to keep one in the page for whoever sends it, the broker would
// have to send it back to anybody who isn't signed in.
func typedOf(body io.Reader, boundary string) (form url.Values, files []hidden, err error) {
	if boundary == "" {
		return nil, nil, errNotOurs
	}
	form = url.Values{}
	parts := multipart.NewReader(body, boundary)
	for left, count := maxUnsent, 0; ; count++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, files, nil
		}
		if err != nil || count == maxFields {
			return nil, nil, errors.Join(errNotOurs, err)
		}
		_, about, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		name := part.FormName()
		if err != nil || name == "" {
			return nil, nil, errors.Join(errNotOurs, err)
		}
		if _, file := about["filename"]; file { // without a name: none was chosen
			if called := part.FileName(); called != "" {
				files = append(files, hidden{name, shortened(called)})
			}
			continue
		}
		typed, err := io.ReadAll(io.LimitReader(part, int64(left)+1))
		if left -= len(name) + len(typed); err != nil || left < 0 {
			return nil, nil, errors.Join(errNotOurs, err)
		}
		form.Add(name, string(typed))
	}
}

// shortened is what a file is called, if need be by its first letters.
func shortened(called string) string {
	letters := []rune(called)
	if len(letters) <= maxCalled {
		return called
	}
	return string(letters[:maxCalled-1]) + "…"
}
