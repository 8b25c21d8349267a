package web

import (
	"net/url"
	"slices"
	"unicode/utf8"
)

// Field is a field of a form, shown by the template "field".
type Field struct {
	Name, Label, Hint string
	Value             string
	Problem           string // what is wrong with Value, for people
	Kind              string // an input's type, or "textarea", "select", "checkbox", "radio"; empty is "text"
	Options           []Option
	Groups            []Group // of a select, after Options
	Required          bool
	Max               int    // characters; 0: no limit
	Complete          string // what a browser may fill in
	Optional          string // said behind the label of a field that may stay empty
	On                bool   // of a checkbox
	Rows              int    // of a textarea
	Mode              string // which keys a phone shows
	Focus             bool   // typing can begin here at once
}

// Option is one of a select's or of a radio's.
type Option struct {
	Value, Label, Hint string
	Chosen             bool
}

// Group is some options of a select under one name.
type Group struct {
	Label   string
	Options []Option
}

// Has says whether value is one of the options.
func (f Field) Has(value string) bool {
	is := func(o Option) bool { return o.Value == value }
	return slices.ContainsFunc(f.Options, is) ||
		slices.ContainsFunc(f.Groups, func(g Group) bool { return slices.ContainsFunc(g.Options, is) })
}

// ID is what the field's label points to.
func (f Field) ID() string { return "f-" + f.Name }

// Input is an input's type.
func (f Field) Input() string {
	if f.Kind == "" {
		return "text"
	}
	return f.Kind
}

// Described is what else belongs to the field.
func (f Field) Described() string {
	s := ""
	if f.Hint != "" {
		s = f.ID() + "-hint"
	}
	if f.Problem != "" {
		if s != "" {
			s += " "
		}
		s += f.ID() + "-problem"
	}
	return s
}

// Form is a form's state, shown by the template "summary" when something is
// wrong: it names each problem and leads to its field.
type Form struct {
	Heading  string // of the summary
	Problems []Field
}

// Check gives a form its summary: the fields that have a problem.
func Check(heading string, fields ...Field) Form {
	f := Form{Heading: heading}
	for _, x := range fields {
		if x.Problem != "" {
			f.Problems = append(f.Problems, x)
		}
	}
	return f
}

// Once is the value of a field that a form has once, and whether it is text that
// can be kept: valid UTF-8 with at most limit characters.
func Once(v url.Values, name string, limit int) (string, bool) {
	all := v[name]
	if len(all) == 0 {
		return "", true
	}
	return all[0], len(all) == 1 && utf8.ValidString(all[0]) && utf8.RuneCountInString(all[0]) <= limit
}
