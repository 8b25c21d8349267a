package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// portalSentences are all of portal.go, by what they say.
func portalSentences(t *testing.T) map[Sentence]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "portal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[Sentence]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all[Sentence(text)] = true
		}
		return true
	})
	return all
}

func TestPortalIsWholeInEveryLanguage(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	all := portalSentences(t)
	if len(all) < 100 {
		t.Fatalf("only %d sentences", len(all))
	}
	for language, table := range translations {
		for s := range all {
			text, ok := table[s]
			if !ok {
				t.Errorf("%s has no %q", language, s)
				continue
			}
			if !slices.Equal(verbs.FindAllString(string(s), -1), verbs.FindAllString(text, -1)) {
				t.Errorf("%s fills in other things: %q for %q", language, text, s)
			}
		}
		for s := range table {
			if !all[s] {
				t.Errorf("%s has %q, which nobody says", language, s)
			}
		}
	}
}

func TestLanguageIsFoundWithoutItsRegion(t *testing.T) {
	for tag, want := range map[string]string{
		"de": "Weiter", "de-CH": "Weiter", "fr": "Continuer", "en": "Continue", "": "Continue", "deutsch": "Continue", "xx-de": "Continue",
	} {
		if got := In(tag).Say(PortalContinue); got != want {
			t.Errorf("%s: %q", tag, got)
		}
	}
}
