package words

import (
	"fmt"
	"time"
)

// calendar is how a language tells a moment.
type calendar struct {
	days, months []string
	form         string // 1 day of the week, 2 day, 3 month, 4 time
	clock        string // layout of the time
}

var calendars = map[string]calendar{
	"ar": {
		[]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
		[]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
		"يوم %[1]s %[2]d %[3]s الساعة %[4]s", "15:04",
	},
	"en": {
		[]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		[]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		"on %[1]s, %[2]d %[3]s, at %[4]s", "15:04",
	},
	"de": {
		[]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		[]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		"am %[1]s, dem %[2]d. %[3]s, um %[4]s Uhr", "15:04",
	},
	"el": {
		[]string{"Κυριακή", "Δευτέρα", "Τρίτη", "Τετάρτη", "Πέμπτη", "Παρασκευή", "Σάββατο"},
		[]string{"Ιανουαρίου", "Φεβρουαρίου", "Μαρτίου", "Απριλίου", "Μαΐου", "Ιουνίου", "Ιουλίου", "Αυγούστου", "Σεπτεμβρίου", "Οκτωβρίου", "Νοεμβρίου", "Δεκεμβρίου"},
		"%[1]s %[2]d %[3]s, ώρα %[4]s", "15:04",
	},
	"es": {
		[]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		[]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		"el %[1]s %[2]d de %[3]s a las %[4]s", "15:04",
	},
	"fr": {
		[]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		[]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		"le %[1]s %[2]d %[3]s à %[4]s", "15 h 04",
	},
}

// Opens tells a moment in t's own time zone, as the end of "We open again …". A
// language that has no calendar here gets the international form.
func Opens(language string, t time.Time) string {
	for at := len(language); at > 0; at-- {
		if at < len(language) && language[at] != '-' {
			continue
		}
		if c, ok := calendars[language[:at]]; ok {
			return fmt.Sprintf(c.form, c.days[t.Weekday()], t.Day(), c.months[t.Month()-1], t.Format(c.clock))
		}
	}
	return t.Format("2006-01-02 15:04")
}
