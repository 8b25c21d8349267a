package settings

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"handrail/broker/people"
	"handrail/shared/words"
)

// keyStaff is the section of a file that says who works here, beside the
// settings: "people" is how they log in.
const keyStaff = "staff"

// Export writes settings and people as a file, without secrets. Parts of
// staff that are nil are left out; empty ones are written, because they say
// that there is nobody.
func Export(s Settings, staff people.Staff) ([]byte, error) {
	n := write(reflect.ValueOf(s.WithoutSecrets()))
	section := &yaml.Node{Kind: yaml.MappingNode}
	parts := reflect.ValueOf(staff)
	for i := range parts.NumField() {
		if part := parts.Field(i); !part.IsNil() {
			written := write(part)
			if written == nil {
				written = &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			}
			put(section, jsonName(parts.Type().Field(i)), written)
		}
	}
	put(n, keyStaff, full(section))
	return encoded(n)
}

// ImportWith is Import for a file that may say who works here, too.
func ImportWith(file []byte, now Settings) (Settings, people.Staff, error) {
	var staff people.Staff
	root, err := parsed(file)
	if err != nil {
		return Settings{}, staff, err
	}
	r := reader{lines: map[string]int{}}
	if section, line := r.take(root, keyStaff); section != nil {
		r.read(section, reflect.ValueOf(&staff).Elem(), keyStaff)
		r.lines[keyStaff] = line
	}
	s, err := r.settings(root, now)
	return s, staff, err
}

// take takes a section out of a file, with the line of its name; nil if there is
// none. One that is there twice is refused.
func (r *reader) take(root *yaml.Node, name string) (section *yaml.Node, line int) {
	for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); {
		key := root.Content[i]
		if key.Value != name {
			i += 2
			continue
		}
		if section != nil {
			r.wrong(name, words.SetTwice, name)
		}
		section, line = root.Content[i+1], key.Line
		root.Content = slices.Delete(root.Content, i, i+2)
	}
	return section, line
}

// ReadStaff reads who works here alone, from the section's content (YAML, or
// JSON). Its errors are Wrongs.
func ReadStaff(file []byte) (people.Staff, error) {
	var staff people.Staff
	root, err := parsed(file)
	if err != nil {
		return staff, err
	}
	r := reader{lines: map[string]int{}}
	r.read(root, reflect.ValueOf(&staff).Elem(), "")
	return staff, r.wrongs()
}

// CompareStaff tells what differs between two states of who works here.
func CompareStaff(from, to people.Staff) []Change {
	flat := func(s people.Staff) []leaf {
		var w walker
		w.walk(reflect.ValueOf(s), leaf{}.under(keyStaff))
		return w.leaves
	}
	return compared(flat(from), flat(to))
}

// staffCalled gives the section of a leaf of staff, and the rest of its pattern
// and its keys.
func staffCalled(pattern string, keys []string) (section, rest string, left []string) {
	var say words.Speaker
	for _, part := range []struct {
		prefix, as string
		section    words.Sentence
	}{
		{"staff.roles.*.", "role.", words.SectionRole},
		{"staff.teams.*.", "team.", words.SectionTeam},
		{"staff.reps.*.", "rep.", words.SectionRep},
	} {
		if after, is := strings.CutPrefix(pattern, part.prefix); is {
			return say.Say(part.section, keys[0]), part.as + after, keys[1:]
		}
	}
	return say.Say(words.SectionOrganisation), pattern, keys
}

// StaffWrongs makes Wrongs of what people.Arrange refuses, whose places begin
// at a path; other errors stay as they are.
func StaffWrongs(err error, at string) error {
	var unfit people.Unfits
	if !errors.As(err, &unfit) {
		return err
	}
	var all Wrongs
	for _, one := range unfit {
		s, ok := Why(one.Err)
		if !ok {
			return err
		}
		w := Wrong{Where: join(at, one.Where), Sentence: s}
		if errors.Is(one.Err, people.ErrMany) {
			w.Args = []any{people.MostChanges}
		}
		if old := people.OldTeam(0); errors.As(one.Err, &old) {
			w.Args = []any{uint64(old)}
		}
		all = append(all, w)
	}
	return all
}

// Why says to people why a change of people was refused; false for an error
// that is a fault of ours.
func Why(err error) (words.Sentence, bool) {
	if errors.As(err, new(people.OldTeam)) {
		return words.StaffOldTeam, true
	}
	for _, known := range []struct {
		err error
		say words.Sentence
	}{
		{people.ErrNotAllowed, words.AdminNotYours},
		{people.ErrAboveYou, words.AdminAboveYou},
		{people.ErrOwnRights, words.AdminOwnRights},
		{people.ErrLastOwner, words.AdminLastOwner},
		{people.ErrCycle, words.AdminCycle},
		{people.ErrHeld, words.AdminHeld},
		{people.ErrBuiltIn, words.AdminBuiltIn},
		{people.ErrTaken, words.AdminTaken},
		{people.ErrBad, words.AdminBad},
		{people.ErrNobody, words.AdminMissing},
		{people.ErrBadMail, words.AdminBadMail},
		{people.ErrTwice, words.StaffTwice},
		{people.ErrNoMail, words.StaffNoMail},
		{people.ErrNoRank, words.StaffNoRank},
		{people.ErrNoPermission, words.StaffNoPermission},
		{people.ErrNoRole, words.StaffNoRole},
		{people.ErrNoTeam, words.StaffNoTeam},
		{people.ErrMany, words.StaffMany},
		{people.ErrSamePerson, words.AdminSamePerson},
		{people.ErrResetOver, words.AdminResetOver},
		{people.ErrNeedsFactor, words.AdminNeedsFactor},
		{people.ErrNeedsApproval, words.AdminNeedsApproval},
	} {
		if errors.Is(err, known.err) {
			return known.say, true
		}
	}
	return "", false
}
