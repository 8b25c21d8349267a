package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The sizes at which a file or a function stops fitting in the head.
const (
	maxFileLines     = 600
	maxFunctionLines = 80
)

// large lists the exceptions, each with its reason.
var large = map[string]string{}

// source is one Go file of the project.
type source struct {
	path string // from the root, with slashes
	pkg  string // folder
	set  *token.FileSet
	ast  *ast.File
	text string
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") || d.Name() == "dist" || d.Name() == "bin" {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		all = append(all, source{rel, filepath.ToSlash(filepath.Dir(rel)), set, f, string(text)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no Go files found")
	}
	return all
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		documented[s.pkg] = documented[s.pkg] || s.ast.Doc != nil
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

func TestFilesAndFunctionsFitInTheHead(t *testing.T) {
	used := map[string]bool{}
	tooLong := func(what string, lines, limit int) {
		if lines <= limit {
			return
		}
		used[what] = true
		if large[what] == "" {
			t.Errorf("%s has %d lines, more than %d", what, lines, limit)
		}
	}
	for _, s := range sources(t) {
		tooLong(s.path, strings.Count(s.text, "\n"), maxFileLines)
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && !s.test() { // a test's length is its table
				lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
				tooLong(s.path+" "+f.Name.Name, lines, maxFunctionLines)
			}
		}
	}
	for what := range large {
		if !used[what] {
			t.Errorf("%s is no exception any more", what)
		}
	}
}

// clocks are the calls by which code would learn the time or wait on its own.
var clocks = map[string]bool{
	"Now": true, "Sleep": true, "After": true, "AfterFunc": true,
	"NewTimer": true, "NewTicker": true, "Tick": true, "Since": true, "Until": true,
}

func TestPureIsPure(t *testing.T) {
	p := readPlan(t)
	all := sources(t)
	vars := packageVars(all)
	for _, s := range all {
		if s.test() || p.rooms[s.pkg].kind != "pure" {
			continue
		}
		at := func(n ast.Node) string { return s.path + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line) }
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: init in a pure package", at(f))
			}
			own := localNames(f)
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					t.Errorf("%s: a goroutine in a pure package", at(n))
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && clocks[n.Sel.Name] {
						t.Errorf("%s: time.%s in a pure package", at(n), n.Sel.Name)
					}
				case *ast.AssignStmt:
					for _, l := range n.Lhs {
						if id, ok := l.(*ast.Ident); ok && vars[s.pkg+"."+id.Name] && !own[id.Name] {
							t.Errorf("%s: a pure package changes its own %s", at(n), id.Name)
						}
					}
				}
				return true
			})
		}
	}
}

// packageVars are the variables that packages declare for all their functions,
// as "folder.name".
func packageVars(all []source) map[string]bool {
	vars := map[string]bool{}
	for _, s := range all {
		for _, d := range s.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					vars[s.pkg+"."+name.Name] = true
				}
			}
		}
	}
	return vars
}

// localNames are the names a function declares itself, wherever in it.
func localNames(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		}
		return true
	})
	return names
}

// TestThereIsOneWayToTheXServer: two connections that set xgb's global tables
// at the same time end the process; package x11 sees to it.
func TestThereIsOneWayToTheXServer(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg != "shared/x11" && !s.test() && strings.Contains(s.text, "xgb.NewConn") {
			t.Errorf("%s connects to the X server itself: package x11 does that", s.path)
		}
	}
}

// TestSentencesStandInWords looks in views for text that a person would read
// and a translator never see: strings with a space in calls that show text.
func TestSentencesStandInWords(t *testing.T) {
	p := readPlan(t)
	shows := func(name string) bool {
		return strings.HasPrefix(name, "NewLabel") || strings.HasPrefix(name, "NewButton") ||
			name == "NewText" || name == "SetText" || name == "SetPlaceHolder" || name == "SetTitle" || name == "NewMenuItem"
	}
	for _, s := range sources(t) {
		if s.test() || p.rooms[s.pkg].kind != "view" {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !shows(sel.Sel.Name) {
				return true
			}
			for _, a := range call.Args {
				if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, " ") {
					t.Errorf("%s:%d: %s belongs in package words", s.path, s.set.Position(lit.Pos()).Line, lit.Value)
				}
			}
			return true
		})
	}
}
