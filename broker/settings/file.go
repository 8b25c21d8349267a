package settings

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"handrail/broker/hours"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// A file of settings is YAML 1.2 with the names that Settings has in JSON.
// What says nothing is left out, secrets are, and pictures are in base64. It is
// made to be read, reviewed and kept in version control.

// MaxFile is the largest file of settings, in bytes: every portal with a logo.
const MaxFile = 32 << 20

func encoded(n *yaml.Node) ([]byte, error) {
	n.HeadComment = "# " + words.Speaker{}.Say(words.FileHead)
	var b bytes.Buffer
	out := yaml.NewEncoder(&b)
	out.SetIndent(2)
	if err := errors.Join(out.Encode(n), out.Close()); err != nil {
		return nil, fmt.Errorf("writing settings: %w", err)
	}
	return b.Bytes(), nil
}

// WithoutSecrets copies settings without what must not be read.
func (s Settings) WithoutSecrets() Settings {
	if s.People.OIDC != nil {
		o := *s.People.OIDC
		o.Secret = nil
		s.People.OIDC = &o
	}
	s.Hooks = slices.Clone(s.Hooks)
	for i := range s.Hooks {
		s.Hooks[i].Secret = nil
	}
	return s
}

// KeepSecrets gives settings that came without secrets those of now: a hook's
// by its ID, an identity provider's only if it is the same one, because the
// secret is sent to it.
func (s Settings) KeepSecrets(now Settings) Settings {
	s = s.WithoutSecrets()
	if o, was := s.People.OIDC, now.People.OIDC; o != nil && was != nil && o.Issuer == was.Issuer && o.ClientID == was.ClientID {
		o.Secret = was.Secret
	}
	for i, h := range s.Hooks {
		if n := slices.IndexFunc(now.Hooks, func(was Hook) bool { return was.ID == h.ID }); n >= 0 {
			s.Hooks[i].Secret = now.Hooks[n].Secret
		}
	}
	return s
}

// Import reads a file (YAML, or JSON, which is YAML as well) that is to take the
// place of now, whose secrets it keeps. Its errors are Wrongs, with lines.
func Import(file []byte, now Settings) (Settings, error) {
	root, err := parsed(file)
	if err != nil {
		return Settings{}, err
	}
	r := reader{lines: map[string]int{}}
	return r.settings(root, now)
}

// parsed gives what a file holds.
func parsed(file []byte) (*yaml.Node, error) {
	if len(file) > MaxFile {
		return nil, Wrongs{{Sentence: words.FileBig, Args: []any{MaxFile >> 20}}}
	}
	if !utf8.Valid(file) { // YAML may be UTF-16, and a form that sends it on can't
		return nil, Wrongs{{Sentence: words.FileNotUTF8}}
	}
	in := yaml.NewDecoder(bytes.NewReader(file))
	var doc, more yaml.Node
	if err := in.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, Wrongs{{Sentence: words.FileEmpty}}
	} else if err != nil {
		return nil, Wrongs{{Sentence: words.FileBad, Args: []any{strings.TrimPrefix(err.Error(), "yaml: ")}}}
	}
	if err := in.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, Wrongs{{Sentence: words.FileSeveral}}
	}
	return doc.Content[0], nil
}

// settings reads settings that are to take the place of now.
func (r *reader) settings(root *yaml.Node, now Settings) (Settings, error) {
	var s Settings
	r.read(root, reflect.ValueOf(&s).Elem(), "")
	for id, p := range s.Portals {
		if p.ID == "" {
			p.ID = id
			s.Portals[id] = p
		}
	}
	s = s.KeepSecrets(now)
	var checked Wrongs
	if len(r.found) == 0 && errors.As(s.Check(), &checked) {
		r.found = checked
	}
	if err := r.wrongs(); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// wrongs gives what was found, with lines; nil for nothing.
func (r *reader) wrongs() error {
	if len(r.found) == 0 {
		return nil
	}
	for i := range r.found {
		r.found[i].Line = r.line(r.found[i].Where)
	}
	return r.found
}

// write makes a node of a value; nil when it says nothing.
func write(v reflect.Value) *yaml.Node {
	if k, is := v.Interface().(wire.Keep); is {
		v = reflect.ValueOf(keep(k))
	}
	if m, is := v.Interface().(encoding.TextMarshaler); is {
		text, err := m.MarshalText()
		if err != nil || v.IsZero() {
			return nil
		}
		return scalar("!!str", string(text))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return write(v.Elem())
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for i := range v.NumField() {
			put(n, jsonName(v.Type().Field(i)), write(v.Field(i)))
		}
		return full(n)
	case reflect.Array: // the week
		n := &yaml.Node{Kind: yaml.MappingNode}
		for i := range v.Len() {
			day := (i + 1) % v.Len()
			put(n, hours.DayName(day), write(v.Index(day)))
		}
		return full(n)
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			put(n, fmt.Sprint(k), write(v.MapIndex(k)))
		}
		return full(n)
	case reflect.Slice:
		return writeList(v)
	case reflect.String:
		if v.String() == "" {
			return nil
		}
		return scalar("!!str", v.String())
	case reflect.Bool:
		if !v.Bool() {
			return nil
		}
		return scalar("!!bool", "true")
	default:
		if v.IsZero() {
			return nil
		}
		return scalar("!!int", fmt.Sprint(v))
	}
}

func writeList(v reflect.Value) *yaml.Node {
	if b, is := v.Interface().([]byte); is {
		if len(b) == 0 {
			return nil
		}
		return scalar("!!str", base64.StdEncoding.EncodeToString(b))
	}
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range v.Len() {
		one := write(v.Index(i))
		if one == nil {
			one = &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		}
		n.Content = append(n.Content, one)
	}
	return full(n)
}

func scalar(tag, value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
	if strings.ContainsRune(value, '\n') {
		n.Style = yaml.LiteralStyle
	}
	return n
}

func put(n *yaml.Node, key string, value *yaml.Node) {
	if value != nil {
		n.Content = append(n.Content, scalar("!!str", key), value)
	}
}

func full(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

// reader fills a value from a node and gathers what does not fit.
type reader struct {
	found Wrongs
	lines map[string]int // of each path
}

func (r *reader) wrong(where string, s words.Sentence, args ...any) {
	r.found = append(r.found, Wrong{Where: where, Sentence: s, Args: args})
}

// line finds the line of a path, or of what it is in.
func (r *reader) line(path string) int {
	for path != "" {
		if l, ok := r.lines[path]; ok {
			return l
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return 0
}

func (r *reader) read(n *yaml.Node, to reflect.Value, at string) {
	r.lines[at] = n.Line
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.wrong(at, words.FileAlias)
		return
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return // says nothing
	}
	if k, is := to.Addr().Interface().(*wire.Keep); is {
		to = reflect.ValueOf((*keep)(k)).Elem()
	}
	if m, is := to.Addr().Interface().(encoding.TextUnmarshaler); is {
		if n.Kind != yaml.ScalarNode || m.UnmarshalText([]byte(n.Value)) != nil {
			r.wrong(at, wanted(m))
		}
		return
	}
	switch to.Kind() {
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		r.read(n, to.Elem(), at)
	case reflect.Struct, reflect.Map, reflect.Array:
		r.group(n, to, at)
	case reflect.Slice:
		r.list(n, to, at)
	default:
		r.scalar(n, to, at)
	}
}

// wanted says in which form something is written, to who has written another.
func wanted(m encoding.TextUnmarshaler) words.Sentence {
	switch m.(type) {
	case *hours.Span:
		return words.FileNotSpan
	case *hours.Date:
		return words.FileNotDate
	case *time.Time:
		return words.FileNotMoment
	case *keep:
		return words.SetBadKeep
	}
	return words.FileNotValue
}

// group reads a mapping into a struct, a map or the week.
func (r *reader) group(n *yaml.Node, to reflect.Value, at string) {
	if n.Kind != yaml.MappingNode {
		r.wrong(at, words.FileNotGroup)
		return
	}
	if to.Kind() == reflect.Map {
		to.Set(reflect.MakeMap(to.Type()))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		where := join(at, key.Value)
		r.lines[where] = key.Line
		switch {
		case key.Kind != yaml.ScalarNode || seen[key.Value]:
			r.wrong(where, words.SetTwice, short(key.Value))
		case to.Kind() == reflect.Map:
			r.entry(key.Value, value, to, where)
		default:
			if field := fieldOf(to, key.Value); field.IsValid() {
				r.read(value, field, where)
			} else {
				r.wrong(where, words.FileUnknown, short(key.Value))
			}
		}
		seen[key.Value] = true
	}
}

// fieldOf finds a struct's field, or a day of the week.
func fieldOf(to reflect.Value, name string) reflect.Value {
	if to.Kind() == reflect.Array {
		for day := range to.Len() {
			if hours.DayName(day) == name {
				return to.Index(day)
			}
		}
		return reflect.Value{}
	}
	for i := range to.NumField() {
		if jsonName(to.Type().Field(i)) == name {
			return to.Field(i)
		}
	}
	return reflect.Value{}
}

// entry reads one entry of a map.
func (r *reader) entry(key string, value *yaml.Node, to reflect.Value, at string) {
	k := reflect.New(to.Type().Key()).Elem()
	if k.Kind() == reflect.String {
		k.SetString(key)
	} else {
		id, err := strconv.ParseUint(key, 10, 63)
		if err != nil || id == 0 || strconv.FormatUint(id, 10) != key {
			r.wrong(at, words.FileNotNumber)
			return
		}
		k.SetUint(id)
	}
	v := reflect.New(to.Type().Elem()).Elem()
	r.read(value, v, at)
	to.SetMapIndex(k, v)
}

func (r *reader) list(n *yaml.Node, to reflect.Value, at string) {
	if to.Type().Elem().Kind() == reflect.Uint8 {
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), ""))
		if n.Kind != yaml.ScalarNode || err != nil {
			r.wrong(at, words.FileNotBase64)
			return
		}
		to.SetBytes(b)
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.wrong(at, words.FileNotList)
		return
	}
	if len(n.Content) == 0 {
		return
	}
	to.Set(reflect.MakeSlice(to.Type(), len(n.Content), len(n.Content)))
	for i, one := range n.Content {
		r.read(one, to.Index(i), join(at, i))
	}
}

func (r *reader) scalar(n *yaml.Node, to reflect.Value, at string) {
	if n.Kind != yaml.ScalarNode {
		r.wrong(at, words.FileNotValue)
		return
	}
	switch to.Kind() {
	case reflect.String:
		if n.Tag == "!!binary" {
			r.wrong(at, words.FileNotText)
			return
		}
		to.SetString(n.Value)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			r.wrong(at, words.FileNotBool)
			return
		}
		to.SetBool(strings.EqualFold(n.Value, "true"))
	default:
		// JSON's reader knows how much fits.
		if n.Tag != "!!int" || json.Unmarshal([]byte(n.Value), to.Addr().Interface()) != nil {
			r.wrong(at, words.FileNotNumber)
		}
	}
}

// short keeps what somebody wrote from filling a page.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
