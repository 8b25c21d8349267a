package portal

import (
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"handrail/broker/web"
	"handrail/shared/words"
)

// loadWait is how long a download may take: 40 MB at a slow modem's speed.
const loadWait = 2 * time.Hour

// program is a file that customers download. A folder of programs has at most
// one for each system, known by how its name begins: handrail-windows.zip,
// handrail-macos.dmg, handrail-linux.tar.gz. What it is packed in decides what
// the page tells people to do with it.
type program struct{ Name, URL string }

var programNames = map[system]string{windows: "handrail-windows", macOS: "handrail-macos", linux: "handrail-linux"}

// file is the program for the visitor's system, if there is one.
func (v *visitor) file() (program, bool) {
	begin, ok := programNames[v.system]
	if v.Programs == nil || !ok {
		return program{}, false
	}
	all, err := fs.ReadDir(v.Programs, ".")
	if err != nil {
		return program{}, false // a folder that isn't there has none
	}
	for _, e := range all {
		if ending, ok := strings.CutPrefix(e.Name(), begin); ok && e.Type().IsRegular() && isEnding(ending) {
			return program{e.Name(), "/download/" + e.Name()}, true
		}
	}
	return program{}, false
}

// isEnding keeps out what is beside a program, like its signature.
func isEnding(s string) bool {
	return slices.Contains([]string{"", ".exe", ".msi", ".zip", ".pkg", ".dmg", ".tar.gz", ".tgz", ".AppImage", ".deb", ".rpm"}, s)
}

// steps are how to get the program for a visitor's system.
type steps struct {
	Title string
	Get   string // empty: there is nothing to get
	File  program
	List  []string
	Plain string // instead of steps
}

// steps tells how to get the program; last is what to do then.
func (v *visitor) steps(last words.Sentence) steps {
	s := steps{Title: v.say.Say(words.ProgramTitle)}
	file, ok := v.file()
	switch {
	case !ok:
		s.Plain = v.say.Say(words.ProgramNone, string(v.system), v.portal.Name)
	default:
		s.Get, s.File = v.say.Say(words.ProgramGet, string(v.system)), file
		s.List = []string{v.say.Say(howToStart(file.Name), file.Name), v.say.Say(last)}
	}
	return s
}

func howToStart(name string) words.Sentence {
	switch ending := path.Ext(name); ending {
	case ".zip", ".gz", ".tgz":
		return words.ProgramUnpack
	case "", ".AppImage":
		return words.ProgramAllow
	}
	return words.ProgramOpen
}

// download is the page on which the program is.
func (v *visitor) download(w http.ResponseWriter, r *http.Request) {
	if !web.Reads(w, r) {
		return
	}
	page := struct {
		Heading, Intro string
		Steps          *steps
		Elsewhere      *elsewhere
	}{Heading: v.say.Say(words.ProgramPageTitle), Intro: v.say.Say(words.ProgramPage), Elsewhere: v.elsewhere(r, "/download")}
	if v.system.runs() {
		how := v.steps(words.ProgramKey)
		page.Steps = &how
	}
	v.show(w, r, http.StatusOK, web.Sheet{Title: page.Heading, Template: "download", Data: page})
}

// program sends the file for the visitor's system, or for another one.
func (v *visitor) program(w http.ResponseWriter, r *http.Request) {
	if !web.Reads(w, r) {
		return
	}
	name := r.PathValue("file")
	for s := range programNames {
		other := *v
		other.system = s
		if file, ok := other.file(); ok && file.Name == name {
			v.send(w, r, name)
			return
		}
	}
	web.Missing(w, r)
}

func (v *visitor) send(w http.ResponseWriter, r *http.Request, name string) {
	leave, ok := v.loads.Enter(web.From(r))
	if !ok {
		w.Header().Set("Retry-After", "60")
		web.Fail(w, r, http.StatusTooManyRequests, words.PageTooOften)
		return
	}
	defer leave()
	f, err := v.Programs.Open(name)
	if err != nil {
		web.Missing(w, r)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	content, seeks := f.(io.ReadSeeker)
	if err != nil || !seeks {
		web.Missing(w, r)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(loadWait)) // the server's own is for pages
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`) // one of ours, without quotes
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, name, info.ModTime(), content)
}
