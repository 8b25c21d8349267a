package words

// translations are those there are. They are of what the portal says: whoever
// comes to it has chosen nothing yet and may know no English.
var translations = map[string]map[Sentence]string{
	"ar": arabic, "de": german, "el": greek, "es": spanish, "fr": french,
}

// In speaks the language of a BCP 47 tag, or the same without its region. A
// language or a sentence without a translation is said in English.
func In(language string) Speaker {
	for at := len(language); at > 0; at-- {
		if at < len(language) && language[at] != '-' {
			continue
		}
		if table, ok := translations[language[:at]]; ok {
			return Speaker{table}
		}
	}
	return Speaker{}
}
