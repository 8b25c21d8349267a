package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"handrail/assets"
)

// Static are the files that all pages share: style.css, live.js, icon.svg.
var Static = func() *Files {
	f := NewFiles("/static/", files)
	f.Add("icon.svg", assets.Handrail.SVG())
	return f
}()

//go:embed static
var files embed.FS

// Files are files that pages need. What is in a file is part of its address, so
// browsers keep it for a year and still never use an old one.
type Files struct {
	prefix string
	urls   map[string]string // by name
	held   map[string]file   // by address
}

type file struct {
	kind    string
	content []byte
}

// kinds are the types of file there may be.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".woff2": "font/woff2",
}

// NewFiles serves all files in the folder "static" of from, under addresses that
// begin with prefix. It panics if there is one of a type it doesn't know: the
// files are built in.
func NewFiles(prefix string, from fs.FS) *Files {
	f := &Files{prefix: prefix, urls: map[string]string{}, held: map[string]file{}}
	err := fs.WalkDir(from, "static", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(from, p)
		if err == nil {
			f.Add(strings.TrimPrefix(p, "static/"), content)
		}
		return err
	})
	if err != nil {
		panic(fmt.Errorf("web: reading files: %w", err))
	}
	return f
}

// Add adds a file. It is for the time before the first request.
func (f *Files) Add(name string, content []byte) {
	ending := path.Ext(name)
	kind, ok := kinds[ending]
	if !ok {
		panic("web: what type of file is " + name)
	}
	url := f.prefix + strings.TrimSuffix(name, ending) + "." + Sum(content) + ending
	f.urls[name] = url
	f.held[url] = file{kind, content}
}

// Sum is a short name of what is in a file.
func Sum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// URL is a file's address. A file that isn't there has none: a test asks for
// each.
func (f *Files) URL(name string) string { return f.urls[name] }

// Prefix is what all addresses begin with.
func (f *Files) Prefix() string { return f.prefix }

// ServeHTTP answers with a file.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	held, ok := f.held[r.URL.Path]
	if !ok {
		Missing(w, r)
		return
	}
	Keep(w, r, held.kind, held.content)
}

// Keep answers with content that never changes under this address.
func Keep(w http.ResponseWriter, r *http.Request, kind string, content []byte) {
	if !Reads(w, r) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Length", fmt.Sprint(len(content)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = bytes.NewReader(content).WriteTo(w) // a visitor who went doesn't matter
}
