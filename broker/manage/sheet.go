package manage

import (
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// sheet is a form for a part of the settings. Fields are named by where in the
// settings their values are, so what Check finds wrong stands beside its field.
type sheet struct {
	base  string   // names of fields are below it, such as "portals.main."
	paths []string // what the sheet decides about, below base
	path  string   // of the page
	page  web.Page
	tabs  []tab
	lead  words.Sentence
	many  bool // the form can send a file
	// read puts what was typed into settings.
	read func(*input, *settings.Settings)
	// change does what a button other than Save asks for.
	change func(s *settings.Settings, verb, list string, at int)
	show   func(*view) []group
	// done answers after something was saved, if it has more to say than that: a
	// form that has it counts once.
	done func(http.ResponseWriter, *http.Request) bool
}

// name is what the page is called among those that belong together.
func (f sheet) name() string {
	for _, t := range f.tabs {
		if t.Here {
			return t.Name
		}
	}
	return f.page.Title
}

// tab is one of several pages that belong together.
type tab struct {
	Name, Path string
	Here       bool
}

// group is a part of a form.
type group struct {
	Heading, Hint string
	Fields        []web.Field
	Hidden        []web.Field
	List          string // its name, of a list that can be added to
	Count         int
	Items         []item
	Add           string // the button's text
	None          string // said where the list is empty
	Preview       any    // of the look
	Rows          bool   // short fields, each beside its label
	Note, Warn    string
	File          *upload
}

// item is one of a list.
type item struct {
	Name        string // for buttons' labels
	Tag, Kind   string // its state
	Note        string
	Fields      []web.Field
	Hidden      []web.Field
	At          int
	First, Last bool
	List        string
	// Where on the page it is, and what is before and after it: there the
	// browser looks when a button has moved it.
	Place, Above, Below string
}

// upload is a file to choose.
type upload struct {
	Name, Label, Hint, Accept, Problem string
	Now                                string // address of what there is now
	Remove                             string
}

// sheetShown is what the template shows.
type sheetShown struct {
	Path, Version string
	Tabs          []tab
	Form          web.Form
	Groups        []group
	Many, Once    bool
	Unsaved       string
	Clash         []settings.Change
	ClashTitle    string
	ClashHint     string
	Save, Up      string
	Down, Remove  string
	Cancel        string
	Was, Is       string
	Nothing       string
	Other         []string // problems that belong to no field
}

// input is what somebody typed.
type input struct {
	typed url.Values
	file  []byte // of the field "file"
	wrong settings.Wrongs
	base  string
	now   time.Time
}

func (in *input) bad(name string, s words.Sentence, args ...any) {
	in.wrong = append(in.wrong, settings.Wrong{Where: in.base + name, Sentence: s, Args: args})
}

// text is what was typed, with plain ends of lines.
func (in *input) text(name string) string {
	all := in.typed[name]
	if len(all) == 0 {
		return ""
	}
	if len(all) > 1 {
		in.bad(name, words.ManageTwice)
	}
	return strings.TrimSpace(strings.ReplaceAll(all[0], "\r\n", "\n"))
}

// saving says whether Save was pressed, and not a button that changes the form.
func (in *input) saving() bool {
	do := in.typed.Get("do")
	return do == "" || do == "save"
}

func (in *input) on(name string) bool { return in.text(name) != "" }

// number reads a whole number from low to high. An empty field is the default,
// which is kept as 0; somebody who types 0 doesn't mean that.
func (in *input) number(name string, low, high int) int {
	text := in.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		in.bad(name, words.ManageNotNumber)
	case n < low || n > high:
		in.bad(name, words.SetBadNumber, low, high)
	default:
		return n
	}
	return 0
}

func (in *input) id(name string) uint64 {
	n, err := strconv.ParseUint(in.text(name), 10, 63)
	if err != nil {
		return 0
	}
	return n
}

// words reads what stands in lines or between commas or spaces.
func (in *input) words(name string) []string {
	return strings.FieldsFunc(in.text(name), func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) })
}

// count is how many items of a list the form has.
func (in *input) count(list string, most int) int {
	n, err := strconv.Atoi(in.text(list + ".count"))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, most+1) // one more, so that Check complains
}

// named reads a text in several languages.
func (in *input) named(name string, languages []string) map[string]string {
	texts := map[string]string{}
	for _, l := range languages {
		if text := in.text(name + "." + l); text != "" {
			texts[l] = text
		}
	}
	return texts
}

// view makes the fields of a form.
type view struct {
	s      settings.Settings // as they would be
	people people.Organisation
	typed  url.Values // what was typed, where it is shown again
	now    time.Time
}

func (v *view) field(name string, label words.Sentence, value string) web.Field {
	if v.typed != nil && v.typed.Has(name) {
		value = v.typed.Get(name)
	}
	return web.Field{Name: name, Label: say(label), Value: value}
}

func (v *view) number(name string, label words.Sentence, n int, hint words.Sentence, args ...any) web.Field {
	value := ""
	if n != 0 {
		value = strconv.Itoa(n)
	}
	f := v.field(name, label, value)
	f.Mode, f.Hint, f.Max = "numeric", say(hint, args...), 6
	return f
}

func (v *view) check(name string, label words.Sentence, on bool, hint words.Sentence) web.Field {
	f := web.Field{Name: name, Label: say(label), Kind: "checkbox", On: on}
	if hint != "" {
		f.Hint = say(hint)
	}
	return f
}

func hinted(f web.Field, hint words.Sentence, args ...any) web.Field {
	f.Hint = say(hint, args...)
	return f
}

func area(f web.Field, rows int) web.Field {
	f.Kind, f.Rows = "textarea", rows
	return f
}

func choose(f web.Field, options []web.Option) web.Field {
	f.Kind = "select"
	for _, o := range options {
		o.Chosen = o.Value == f.Value
		f.Options = append(f.Options, o)
	}
	return f
}

// named are the fields of a text in several languages.
func (v *view) named(name string, label words.Sentence, languages []string, texts map[string]string) []web.Field {
	var fields []web.Field
	for _, l := range languages {
		f := v.field(name+"."+l, label, texts[l])
		if len(languages) > 1 {
			f.Label = say(words.ManageInLanguage, f.Label, words.LanguageName(l))
		}
		fields = append(fields, f)
	}
	return fields
}

// rearrange moves, removes or adds one of a list.
func rearrange[T any](list []T, verb string, at int, fresh func() T) []T {
	switch {
	case verb == "add":
		return append(list, fresh())
	case at < 0 || at >= len(list):
	case verb == "remove":
		return slices.Delete(list, at, at+1)
	case verb == "up" && at > 0:
		list[at-1], list[at] = list[at], list[at-1]
	case verb == "down" && at < len(list)-1:
		list[at+1], list[at] = list[at], list[at+1]
	}
	return list
}

// moved is what was typed, once a button of a list has been pressed: what can't
// be read yet, half a date, is not lost, and stays with its item.
func moved(typed url.Values, verb, list string, at int) url.Values {
	count, err := strconv.Atoi(typed.Get(list + ".count"))
	if err != nil || count < 0 || count > len(typed) { // each has a field
		return nil
	}
	var order []int // where the items were
	for i := range count {
		order = append(order, i)
	}
	order = rearrange(order, verb, at, func() int { return -1 })
	now := maps.Clone(typed)
	maps.DeleteFunc(now, func(name string, _ []string) bool { return strings.HasPrefix(name, list+".") })
	for name, values := range typed {
		number, field, _ := strings.Cut(strings.TrimPrefix(name, list+"."), ".")
		was, err := strconv.Atoi(number)
		if is := slices.Index(order, was); err == nil && is >= 0 && strings.HasPrefix(name, list+".") {
			now[list+"."+strconv.Itoa(is)+"."+field] = values
		}
	}
	return now
}

// Limits of what a form may send, in bytes.
const (
	maxForm = 1 << 20
	maxSent = 3 << 20 // with a file
)

// readSent reads a form that may have a file in its field "file". Large is what
// to say of one that is too large.
func readSent(w http.ResponseWriter, r *http.Request, large words.Sentence) (url.Values, []byte, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || err != nil || kind != "multipart/form-data" {
		typed, ok := web.ReadForm(w, r, maxForm)
		return typed, nil, ok
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxSent)
	parts, err := r.MultipartReader()
	typed := url.Values{}
	var file []byte
	for err == nil {
		part, next := parts.NextPart()
		if err = next; err != nil {
			break
		}
		var content []byte
		if content, err = io.ReadAll(part); err != nil {
			break
		}
		switch {
		case part.FormName() != "file":
			typed.Add(part.FormName(), string(content))
		case len(content) > 0:
			file = content
		}
	}
	var limit *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return typed, file, true
	case errors.As(err, &limit):
		web.Fail(w, r, http.StatusRequestEntityTooLarge, large)
	case errors.Is(err, web.ErrSlow):
		web.TooSlow(w, r)
	default:
		web.Fail(w, r, http.StatusBadRequest, words.PageUnclear)
	}
	return nil, nil, false
}

// serve shows a sheet, or takes what was typed into it.
func (m *Manage) serve(w http.ResponseWriter, r *http.Request, s state, f sheet) {
	if r.Method != http.MethodPost {
		if web.Reads(w, r) {
			m.showSheet(w, r, http.StatusOK, f, &view{s: s.Settings, people: s.people, now: m.Now()}, sheetShown{}, s.version, nil)
		}
		return
	}
	typed, file, ok := readSent(w, r, words.ManageLarge)
	if !ok {
		return
	}
	in := &input{typed: typed, file: file, base: f.base, now: m.Now()}
	draft := s.Clone()
	f.read(in, &draft)
	v := &view{s: draft, people: s.people, typed: typed, now: m.Now()}
	made, err := strconv.ParseUint(typed.Get("version"), 10, 62)
	if err != nil || made > s.version {
		web.Fail(w, r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	if f.change != nil && !in.saving() {
		verb, rest, _ := strings.Cut(typed.Get("do"), ":")
		list, at, _ := strings.Cut(rest, ":")
		n, _ := strconv.Atoi(at) // 0 where there is none
		f.change(&draft, verb, list, n)
		v.s, v.typed = draft, moved(typed, verb, list, n)
		m.showSheet(w, r, http.StatusOK, f, v, sheetShown{Unsaved: say(words.ManageUnsaved)}, made, nil)
		return
	}
	if len(in.wrong) > 0 {
		var more settings.Wrongs
		errors.As(draft.Fit(m.Now()), &more)
		more = slices.DeleteFunc(more, func(whole settings.Wrong) bool { // what is wrong with it is told already
			return slices.ContainsFunc(in.wrong, func(part settings.Wrong) bool { return below(part.Where, whole.Where) })
		})
		m.showSheet(w, r, http.StatusUnprocessableEntity, f, v, sheetShown{}, made, append(in.wrong, more...))
		return
	}
	if f.done != nil && !m.once(w, r, typed, f.page.Section, web.Link{Text: f.name(), Path: f.path}) {
		return
	}
	if made != s.version {
		clash, ok := m.clash(w, r, s, f, made, draft)
		if !ok {
			return
		}
		if len(clash) > 0 {
			m.showSheet(w, r, http.StatusConflict, f, v, sheetShown{Clash: clash}, s.version, nil)
			return
		}
	}
	did := "saved"
	if made == s.version && settings.Same(s.Settings, draft) {
		did = "same"
	}
	m.keep(w, r, s, f, v, did)
}

// keep saves a sheet whose draft is in v.
func (m *Manage) keep(w http.ResponseWriter, r *http.Request, s state, f sheet, v *view, did string) {
	err := m.save(w, r, s, v.s)
	var wrong settings.Wrongs
	switch {
	case err == nil && f.done != nil && f.done(w, r):
	case err == nil:
		to(w, r, f.path, did)
	case errors.As(err, &wrong):
		m.showSheet(w, r, http.StatusUnprocessableEntity, f, v, sheetShown{}, s.version, wrong)
	case errors.Is(err, settings.ErrChanged):
		// In this very moment: to press Save again compares anew.
		m.showSheet(w, r, http.StatusConflict, f, v, sheetShown{Unsaved: say(words.ManageMoment)}, s.version, nil)
	}
}

// clash is what somebody changed, since a form was made, in what the form is
// about, unless the draft would leave it so: by a second click, or because two
// wanted the same.
func (m *Manage) clash(w http.ResponseWriter, r *http.Request, s state, f sheet, made uint64, draft settings.Settings) ([]settings.Change, bool) {
	if settings.Same(s.Settings, draft) {
		return nil, true
	}
	was, err := m.Store.SettingsAt(r.Context(), made)
	if err != nil {
		m.failed(w, r, err)
		return nil, false
	}
	return slices.DeleteFunc(settings.Compare(was, s.Settings), func(c settings.Change) bool {
		return !slices.ContainsFunc(f.paths, func(p string) bool { return below(c.Path, f.base+p) })
	}), true
}

// below says whether a path is another one, or inside of it.
func below(path, in string) bool {
	in = strings.TrimSuffix(in, ".")
	return path == in || strings.HasPrefix(path, in+".")
}

// showSheet answers with a form.
func (m *Manage) showSheet(w http.ResponseWriter, r *http.Request, status int, f sheet, v *view, shown sheetShown, version uint64, wrong settings.Wrongs) {
	groups := f.show(v)
	shown.Other = place(groups, wrong, f.base)
	var fields []web.Field
	for _, g := range groups {
		fields = append(fields, g.Fields...)
		for _, i := range g.Items {
			fields = append(fields, i.Fields...)
		}
		if g.File != nil && g.File.Problem != "" {
			fields = append(fields, web.Field{Name: g.File.Name, Label: g.File.Label, Problem: g.File.Problem})
		}
	}
	shown.Path, shown.Version, shown.Tabs, shown.Groups, shown.Many = f.path, strconv.FormatUint(version, 10), f.tabs, groups, f.many
	shown.Once = f.done != nil
	shown.Form = web.Check(say(words.ManagePleaseMend), fields...)
	shown.ClashTitle, shown.ClashHint = say(words.ManageClash), say(words.ManageClashHint)
	shown.Save, shown.Up, shown.Down, shown.Remove = say(words.ManageSave), say(words.ManageUp), say(words.ManageDown), say(words.ManageRemove)
	shown.Cancel, shown.Was, shown.Is, shown.Nothing = say(words.ManageUndo), say(words.ManageWas), say(words.ManageIs), say(words.SaidNothing)
	p := f.page
	p.Template, p.Data = "sheet", shown
	if f.lead != "" {
		p.Lead = say(f.lead)
	}
	m.show(w, r, status, p)
}

// place puts what is wrong beside the fields that it is about, and gives what
// is about none of them.
func place(groups []group, wrong settings.Wrongs, base string) []string {
	var other []string
	for _, one := range wrong {
		where := strings.TrimPrefix(one.Where, base)
		text := say(one.Sentence, one.Args...)
		var best *string
		longest := 0
		near := func(name string, problem *string) {
			if below(where, name) && len(name) > longest {
				best, longest = problem, len(name)
			}
		}
		for g := range groups {
			for i := range groups[g].Fields {
				near(groups[g].Fields[i].Name, &groups[g].Fields[i].Problem)
			}
			for n := range groups[g].Items {
				one := &groups[g].Items[n]
				for i := range one.Fields {
					near(one.Fields[i].Name, &one.Fields[i].Problem)
				}
				if len(one.Fields) > 0 { // of the item as a whole: at its first field
					near(one.List+"."+strconv.Itoa(one.At), &one.Fields[0].Problem)
				}
			}
			if f := groups[g].File; f != nil {
				near(f.Name, &f.Problem)
			}
		}
		switch {
		case best == nil && one.Where != "" && !below(one.Where, base):
			other = append(other, say(words.FilePlace, one.Where, text)) // on another page
		case best == nil:
			other = append(other, text)
		case *best == "":
			*best = text
		}
	}
	return slices.Compact(other)
}
