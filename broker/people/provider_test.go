package people

import (
	"errors"
	"strings"
	"testing"
)

// word is what the provider says of Rudi's account there.
func word(mail string) Word { return Word{"https://id.example.org", "248289761001", mail} }

func TestK01AnIdentityProvidersWordSignsInWhomItMeant(t *testing.T) {
	o := office()
	for id, r := range o.Reps {
		r.Mail = r.PublicName + "@example.org"
		r.Mail = strings.ToLower(r.Mail)
		o.Reps[id] = r
	}
	his, hers := o.Reps[rep].Mail, o.Reps[lead].Mail
	gone := o.Clone()
	left := gone.Reps[rep]
	left.Disabled = true
	gone.Reps[rep] = left
	raised := o.Clone()
	raised.Holdings = append(raised.Holdings, Holding{Rep: rep, Role: AdministratorRole, By: admin})
	unused := Account{Unused: true}
	for name, row := range map[string]struct {
		in    Organisation
		say   Word
		m     Meeting
		who   uint64
		first bool
		why   error
	}{
		"an account that nobody has used":            {o, word(his), Meeting{Has: unused, MailBy: admin}, rep, true, nil},
		"one with a role that its maker gave":        {raised, word(his), Meeting{Has: unused, MailBy: admin}, rep, false, ErrGivenMail},
		"one with a role, made by the command":       {raised, word(his), Meeting{Has: unused}, rep, true, nil},
		"one that is used, with its own address":     {o, word(his), Meeting{}, rep, true, nil},
		"the address came from an administrator":     {o, word(his), Meeting{MailBy: admin}, rep, false, ErrGivenMail},
		"there is a password":                        {o, word(his), Meeting{OwnWay: true}, rep, false, ErrOwnWay},
		"and the address came from an administrator": {o, word(his), Meeting{OwnWay: true, MailBy: admin}, rep, false, ErrOwnWay},
		"known":                               {o, word(his), Meeting{Known: rep}, rep, false, nil},
		"known, and the address is another's": {o, word(hers), Meeting{Known: rep, MailBy: admin, OwnWay: true, Other: true}, rep, false, nil},
		"known, and the address is not confirmed":     {o, word(""), Meeting{Known: rep}, rep, false, nil},
		"known, and disabled":                         {gone, word(his), Meeting{Known: rep}, 0, false, ErrNobody},
		"known, and disabled, with another's address": {gone, word(hers), Meeting{Known: rep}, 0, false, ErrNobody},
		"disabled":                           {gone, word(his), Meeting{}, 0, false, ErrNobody},
		"another account than the known one": {o, word(his), Meeting{Other: true}, rep, false, ErrOtherSubject},
		"nobody's address":                   {o, word("eve@example.org"), Meeting{}, 0, false, ErrNobody},
		"no confirmed address":               {o, word(""), Meeting{}, 0, false, ErrNobody},
		"no subject":                         {o, Word{"https://id.example.org", "", his}, Meeting{}, 0, false, ErrBad},
		"a subject of 300 bytes":             {o, Word{"https://id.example.org", strings.Repeat("x", 300), his}, Meeting{}, 0, false, ErrBad},
		"one of 255":                         {o, Word{"https://id.example.org", strings.Repeat("x", 255), his}, Meeting{}, rep, true, nil},
		"a subject with a zero byte":         {o, Word{"https://id.example.org", "24\x00", his}, Meeting{}, 0, false, ErrBad},
		"a subject that is no ASCII":         {o, Word{"https://id.example.org", "rüdi", his}, Meeting{}, 0, false, ErrBad},
		"no issuer":                          {o, Word{"", "1", his}, Meeting{}, 0, false, ErrBad},
	} {
		who, first, err := row.in.Meet(row.say, row.m)
		if who != row.who || first != row.first || !errors.Is(err, row.why) {
			t.Errorf("%s: %d, first %v, %v; want %d, %v, %v", name, who, first, err, row.who, row.first, row.why)
		}
	}
}

func TestK01WhoIsSignedInSaysOnceWhoTheyAreAtAProvider(t *testing.T) {
	o := office()
	for name, row := range map[string]struct {
		rep, known uint64
		other      bool
		say        Word
		why        error
	}{
		"nobody's":          {rep, 0, false, word(""), nil},
		"once more":         {rep, rep, false, word(""), nil},
		"another's":         {rep, lead, false, word(""), ErrOthersSubject},
		"a second one":      {rep, 0, true, word(""), ErrOtherSubject},
		"without a subject": {rep, 0, false, Word{Issuer: "https://id.example.org"}, ErrBad},
		"of nobody":         {99, 0, false, word(""), ErrNobody},
	} {
		if err := o.Join(row.rep, row.say, row.known, row.other); !errors.Is(err, row.why) {
			t.Errorf("%s: %v, want %v", name, err, row.why)
		}
	}
}
