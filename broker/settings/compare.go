package settings

import (
	"crypto/sha256"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/hours"
	"handrail/broker/policy"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Change is one thing that differs between two states, in words. An empty Old
// or New says that there was or is nothing.
type Change struct {
	Path    string // such as "portals.main.waiting.position"
	Section string // such as "Portal main"
	What    string // such as "Hold message every"
	Old     string
	New     string
	Hidden  bool // it is secret: only that it differs is told
}

// Compare tells what differs, in the order in which settings are shown. Of the
// policy for everybody it tells what holds, see Standing.
func Compare(from, to Settings) []Change {
	from.DefaultPolicy, to.DefaultPolicy = from.Standing(), to.Standing()
	return compared(flat(from), flat(to))
}

func compared(before, after []leaf) []Change {
	old := map[string]leaf{}
	for _, l := range before {
		old[l.path] = l
	}
	var changes []Change
	seen := map[string]bool{}
	for _, l := range after {
		seen[l.path] = true
		if o := old[l.path]; o.value != l.value {
			changes = append(changes, changed(o, l))
		}
	}
	for _, l := range before {
		if !seen[l.path] {
			changes = append(changes, changed(l, leaf{}))
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return strings.Compare(a.Section, b.Section) })
	return changes
}

// Paths are where changes are, without what they say: what a log may keep.
func Paths(changes []Change) []string {
	paths := make([]string, 0, len(changes))
	for _, c := range changes {
		paths = append(paths, c.Path)
	}
	return paths
}

// leaf is one value of settings.
type leaf struct {
	path    string
	pattern string   // the path with * for what is not a setting's name
	keys    []string // what the stars stand for
	value   string   // two with the same are the same
	shown   string
	hidden  bool
}

func changed(o, n leaf) Change {
	l := n
	if l.path == "" {
		l = o
	}
	c := Change{Path: l.path, Old: o.shown, New: n.shown, Hidden: l.hidden}
	c.Section, c.What = l.called()
	return c
}

// called gives a leaf's section and name, in words.
func (l leaf) called() (section, what string) {
	var say words.Speaker
	pattern, keys := l.pattern, l.keys
	switch {
	case strings.HasPrefix(pattern, "portals.*."):
		section = say.Say(words.SectionPortal, keys[0])
		pattern, keys = strings.TrimPrefix(pattern, "portals.*."), keys[1:]
	case strings.HasPrefix(pattern, "teamPolicies."):
		section = say.Say(words.SectionTeamPolicy, keys[0])
		pattern, keys = "policy.*", keys[1:]
	case strings.HasPrefix(pattern, "repPolicies."):
		section = say.Say(words.SectionRepPolicy, keys[0])
		pattern, keys = "policy.*", keys[1:]
	case strings.HasPrefix(pattern, "staff."):
		section, pattern, keys = staffCalled(pattern, keys)
	case pattern == "defaultPolicy.*":
		section, pattern = say.Say(words.SectionDefaultPolicy), "policy.*"
	default:
		section = say.Say(words.SectionOrganisation)
	}
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k
	}
	switch pattern { // what stands for something that has a name
	case "policy.*":
		args[0] = say.Say(words.PolicyPermission(keys[0]))
	case "texts.*.*":
		args[1] = say.Say(words.TextLabel(keys[1]))
	}
	label := words.SettingLabel(pattern)
	if label == "" {
		return section, l.path // a test sees that none is missing
	}
	return section, say.Say(label, args...)
}

// flat lists all that settings say.
func flat(s Settings) []leaf {
	var w walker
	w.walk(reflect.ValueOf(s), leaf{})
	return w.leaves
}

type walker struct{ leaves []leaf }

func (l leaf) under(name string) leaf {
	l.path, l.pattern = join(l.path, name), join(l.pattern, name)
	return l
}

func (l leaf) key(k string) leaf {
	l.path, l.pattern = join(l.path, k), join(l.pattern, "*")
	l.keys = append(slices.Clone(l.keys), k)
	return l
}

// add notes a value, unless it says nothing.
func (w *walker) add(l leaf, value, shown string) {
	if value != "" {
		l.value, l.shown = value, shown
		w.leaves = append(w.leaves, l)
	}
}

func (w *walker) walk(v reflect.Value, at leaf) {
	if w.special(v, at) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			w.walk(v.Elem(), at)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i), at.under(jsonName(v.Type().Field(i))))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			w.walk(v.MapIndex(k), at.key(fmt.Sprint(k)))
		}
	case reflect.Slice:
		w.list(v, at)
	case reflect.Bool:
		say := words.SaidNo
		if v.Bool() {
			say = words.SaidYes
		}
		w.add(at, strconv.FormatBool(v.Bool()), words.Speaker{}.Say(say))
	case reflect.String:
		w.add(at, v.String(), v.String())
	default: // a number
		if !v.IsZero() {
			w.add(at, fmt.Sprint(v), fmt.Sprint(v))
		}
	}
}

// special are the types that are not shown as they are made.
func (w *walker) special(v reflect.Value, at leaf) bool {
	switch x := v.Interface().(type) {
	case []byte:
		w.bytes(x, at)
	case time.Time:
		if !x.IsZero() {
			w.add(at, x.UTC().Format(time.RFC3339Nano), x.UTC().Format("2006-01-02 15:04 UTC"))
		}
	case wire.Form:
		if s := words.SurveyForm(int(x)); s != "" {
			w.add(at, fmt.Sprint(x), words.Speaker{}.Say(s))
		}
	case wire.Keep:
		w.add(at, KeepName(x), words.Speaker{}.Say(words.KeepChoice(x)))
	case policy.Verdict:
		w.add(at, string(x), words.Speaker{}.Say(words.PolicyVerdict(string(x))))
	case hours.Week:
		for n := range x {
			day := (n + 1) % 7
			w.walk(reflect.ValueOf(x[day]), at.key(hours.DayName(day)))
		}
	case encoding.TextMarshaler:
		if text, err := x.MarshalText(); err == nil {
			w.add(at, string(text), string(text))
		}
	default:
		return false
	}
	return true
}

func (w *walker) bytes(b []byte, at leaf) {
	if len(b) == 0 {
		return
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(b))
	if strings.HasSuffix(at.pattern, "secret") {
		at.hidden = true
		w.add(at, sum, words.Speaker{}.Say(words.SaidHidden))
		return
	}
	kind, width, height := Picture(b)
	w.add(at, sum, words.Speaker{}.Say(words.SaidPicture, kind, width, height, sum[:8]))
}

// list walks through a list: things with IDs by these, so that one that moved
// is not one that changed.
func (w *walker) list(v reflect.Value, at leaf) {
	var parts []string
	for i := range v.Len() {
		one := v.Index(i)
		switch one.Kind() {
		case reflect.Struct:
			if id := identity(one); id != "" {
				parts = append(parts, id)
				w.walk(one, at.key(id))
				continue
			}
			parts = append(parts, fmt.Sprint(one.Interface()))
		case reflect.Map:
			w.walk(one, at.key(strconv.Itoa(i+1)))
		default:
			parts = append(parts, one.String())
		}
	}
	if len(parts) > 0 {
		text := strings.Join(parts, ", ")
		w.add(at, text, text)
	}
}

func identity(v reflect.Value) string {
	for _, name := range []string{"ID", "Date"} {
		if f := v.FieldByName(name); f.IsValid() {
			return fmt.Sprint(f.Interface())
		}
	}
	return ""
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
