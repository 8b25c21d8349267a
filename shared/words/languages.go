package words

import "strings"

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

// LanguageName is what a language calls itself.
func LanguageName(tag string) string {
	main, region, _ := strings.Cut(tag, "-")
	name, ok := languageNames[strings.ToLower(main)]
	switch {
	case !ok:
		return tag
	case region != "":
		return name + " (" + strings.ToUpper(region) + ")"
	}
	return name
}

var languageNames = map[string]string{
	"ar": "العربية", "bg": "Български", "bn": "বাংলা", "ca": "Català", "cs": "Čeština", "da": "Dansk",
	"de": "Deutsch", "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "eu": "Euskara",
	"fa": "فارسی", "fi": "Suomi", "fr": "Français", "ga": "Gaeilge", "gl": "Galego", "he": "עברית",
	"hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar", "hy": "Հայերեն", "id": "Bahasa Indonesia", "is": "Íslenska",
	"it": "Italiano", "ja": "日本語", "ka": "ქართული", "ko": "한국어", "lt": "Lietuvių", "lv": "Latviešu",
	"ms": "Bahasa Melayu", "mt": "Malti", "nb": "Norsk bokmål", "nl": "Nederlands", "nn": "Norsk nynorsk",
	"no": "Norsk", "pl": "Polski", "pt": "Português", "ro": "Română", "ru": "Русский", "sk": "Slovenčina",
	"sl": "Slovenščina", "sq": "Shqip", "sr": "Српски", "sv": "Svenska", "sw": "Kiswahili", "ta": "தமிழ்",
	"th": "ไทย", "tr": "Türkçe", "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
}
