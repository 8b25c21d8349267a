package admin

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// acting is the broker's code, and what of it tells the audit log of acts.
type acting struct {
	t     *testing.T
	files *token.FileSet
	funcs []*ast.FuncDecl
	takes map[string]int            // which argument, by the function's name
	found map[string]token.Position // acts, and where
}

// readBroker reads all packages of the broker.
func readBroker(t *testing.T) *acting {
	t.Helper()
	a := &acting{t: t, files: token.NewFileSet(), takes: map[string]int{}, found: map[string]token.Position{}}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(a.files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				a.funcs = append(a.funcs, f)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.funcs {
		n := 0
		for _, p := range f.Type.Params.List {
			for _, name := range p.Names {
				if name.Name == "act" {
					a.takes[f.Name.Name] = n
				}
				n++
			}
		}
	}
	return a
}

// is notes what an expression says that stands where an act does: its name, or a
// variable of that name whose values are found where it gets them.
func (a *acting) is(e ast.Expr) {
	a.t.Helper()
	at := a.files.Position(e.Pos())
	switch e := e.(type) {
	case *ast.BasicLit:
		act, err := strconv.Unquote(e.Value)
		if err != nil {
			a.t.Fatal(at, err)
		}
		a.found[act] = at
	case *ast.Ident:
		if e.Name != "act" {
			a.t.Errorf("%v: an act has another name than act, and nobody looks where it comes from", at)
		}
	case *ast.CallExpr: // a function that knows which act it is
		name, ok := e.Fun.(*ast.Ident)
		i := slices.IndexFunc(a.funcs, func(f *ast.FuncDecl) bool { return ok && f.Name.Name == name.Name })
		if i < 0 {
			a.t.Errorf("%v: nobody knows which act that is", at)
			return
		}
		ast.Inspect(a.funcs[i], func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && !a.cannotBe(r.Results[0]) {
				a.is(r.Results[0])
			}
			return true
		})
	default:
		a.t.Errorf("%v: an act that isn't written out", at)
	}
}

// cannotBe says whether an expression is what toldOf says of a change that it
// doesn't know. TestA04EveryChangeOfPeopleIsAnAct sees to it that it knows all.
func (a *acting) cannotBe(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	called, ok := call.Fun.(*ast.SelectorExpr)
	return ok && called.Sel.Name == "Sprintf"
}

// look finds the acts of a function.
func (a *acting) look(f *ast.FuncDecl) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := ""
			switch called := n.Fun.(type) {
			case *ast.Ident:
				name = called.Name
			case *ast.SelectorExpr:
				name = called.Sel.Name
			}
			if i, ok := a.takes[name]; ok && i < len(n.Args) {
				a.is(n.Args[i])
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if name, ok := to.(*ast.Ident); ok && name.Name == "act" {
					a.is(n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.ValueSpec:
			for i, to := range n.Names {
				if to.Name == "act" && i < len(n.Values) {
					a.is(n.Values[i])
				}
			}
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && name.Name == "Act" {
				a.is(n.Value)
			}
		}
		return true
	})
}

// TestA04EveryActHasItsKindAndItsWords reads the broker's code: an act that
// isn't found by the log's filter, or said in words, can't be added to it.
func TestA04EveryActHasItsKindAndItsWords(t *testing.T) {
	a := readBroker(t)
	for _, must := range []string{"noted", "Note"} {
		if _, ok := a.takes[must]; !ok {
			t.Fatalf("nothing is called %s any more", must)
		}
	}
	for _, f := range a.funcs {
		a.look(f)
	}
	used := map[string]bool{}
	for _, act := range slices.Sorted(maps.Keys(a.found)) {
		kind, _, ok := strings.Cut(act, ".")
		used[kind] = true
		if !ok || !slices.ContainsFunc(kinds, func(k kindOfAct) bool { return k.act == kind }) {
			t.Errorf("%v: the log can't be filtered by %q", a.found[act], act)
		}
		if acts[act] == "" {
			t.Errorf("%v: nothing says what %q is", a.found[act], act)
		}
	}
	for _, k := range kinds {
		if !used[k.act] {
			t.Errorf("the log is filtered by %q, which nobody does", k.act)
		}
	}
	for act := range acts {
		if _, ok := a.found[act]; !ok {
			t.Errorf("%q is said, which nobody does", act)
		}
	}
}

// TestA04EveryChangeOfPeopleIsAnAct compares the changes there are with those
// that the store tells of.
func TestA04EveryChangeOfPeopleIsAnAct(t *testing.T) {
	a := readBroker(t)
	var changes, told []string
	for _, f := range a.funcs {
		switch f.Name.Name {
		case "needs":
			if of, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				changes = append(changes, of.Name)
			}
		case "toldOf":
			ast.Inspect(f, func(n ast.Node) bool {
				if c, ok := n.(*ast.CaseClause); ok {
					for _, e := range c.List {
						if of, ok := e.(*ast.SelectorExpr); ok && f.Type.Params.NumFields() == 2 {
							told = append(told, of.Sel.Name)
						}
					}
				}
				return true
			})
		}
	}
	for _, c := range changes {
		if !slices.Contains(told, c) {
			t.Errorf("the log is not told what %s is", c)
		}
	}
	if len(changes) < 5 {
		t.Errorf("only %q are found", changes)
	}
}
