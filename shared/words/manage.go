package words

import "handrail/shared/wire"

// What is wrong with settings.
const (
	SetEmpty          Sentence = "This is needed."
	SetLong           Sentence = "At most %d characters fit here; these are %d."
	SetLongBytes      Sentence = "At most %d bytes fit here; these are %d. A letter outside of plain English takes two or more."
	SetNotLine        Sentence = "This has to be one line of plain text, without spaces at its ends."
	SetNotText        Sentence = "This holds characters that cannot be shown."
	SetTooMany        Sentence = "There can be at most %d."
	SetTwice          Sentence = "%s is here twice."
	SetBadNumber      Sentence = "Write a number from %d to %d."
	SetBadURL         Sentence = "Write a full address that begins with https://."
	SetBadID          Sentence = "Use small letters, digits and hyphens, at most %d, beginning and ending with a letter or a digit."
	SetOtherID        Sentence = "The portal under %s calls itself %s."
	SetNoMain         Sentence = "The portal %s has to be there: it answers for all other host names."
	SetBadHost        Sentence = "%q is no host name. Write it like help.example.org, in small letters and without a port."
	SetHostTaken      Sentence = "%s belongs to the portal %s already."
	SetBadLanguage    Sentence = "%q is no language. Write it like en, de or pt-BR."
	SetBadColour      Sentence = "Write a colour like #0f5b8c."
	SetBadLogo        Sentence = "The logo has to be a PNG or a JPEG picture."
	SetBigLogo        Sentence = "The logo can have at most %d KiB, and %d pixels on each side."
	SetBadHours       Sentence = "These hours cannot be followed. Check the time zone, the times and the dates."
	SetNoIssues       Sentence = "Customers can only choose an issue if there is one. Add one first."
	SetNoTeam         Sentence = "Choose the team that helps with this."
	SetNoMacro        Sentence = "%s cannot stand here. These can: %s."
	SetNoSuchText     Sentence = "There is no text called %q."
	SetBadForm        Sentence = "Choose how the question is answered."
	SetOptions        Sentence = "A question with a choice needs 2 to %d options."
	SetNoOptions      Sentence = "Only a question with a choice has options."
	SetOptionLanguage Sentence = "Write all options in %s, or none: some are missing there."
	SetLongSurvey     Sentence = "The survey is too long in all. Shorten or remove questions."
	SetManyActive     Sentence = "At most %d notices can be shown at one time. Let one end, or remove it."
	SetUnknownTeam    Sentence = "There is no team with the number %d."
	SetUnknownRep     Sentence = "There is no rep with the number %d."
	SetBadQueue       Sentence = "There is no such queue. Write general, or team: and the team's number."
	SetBadNetwork     Sentence = "%q is no network. Write it like 192.0.2.0/24 or 2001:db8::/32."
	SetBadRole        Sentence = "There is no role %q."
	SetBadEvent       Sentence = "There is no event %q."
	SetBadSyslog      Sentence = "Write the server's host and port, like logs.example.org:6514."
	SetBadCA          Sentence = "This is no certificate in PEM form."
	SetBadKeep        Sentence = "What is said is forgotten (nothing), kept sealed (sealed) or kept readable (readable)."
	SetBadPolicy      Sentence = "Each permission is allow, deny, or not there."
)

// How settings are called where changes are reviewed. %s in labels are, in
// order, what the stars of the path stand for.
const (
	SectionPortal        Sentence = "Portal %s"
	SectionTeamPolicy    Sentence = "Policy of team %s"
	SectionRepPolicy     Sentence = "Policy of rep %s"
	SectionDefaultPolicy Sentence = "Policy for everybody"
	SectionOrganisation  Sentence = "Organisation"
	SectionRole          Sentence = "Role %s"
	SectionTeam          Sentence = "Team %s"
	SectionRep           Sentence = "Rep %s"
	SaidYes              Sentence = "Yes"
	SaidNo               Sentence = "No"
	SaidPicture          Sentence = "%s, %d × %d pixels (%s)"
	SaidNothing          Sentence = "nothing"
	SaidHidden           Sentence = "secret, not shown"
)

// SettingLabel is what the setting at a path is called; empty for none.
func SettingLabel(pattern string) Sentence { return settingLabels[pattern] }

var settingLabels = map[string]Sentence{
	"id":                      "Portal",
	"name":                    "Name",
	"hosts":                   "Host names",
	"languages":               "Languages",
	"look.colour":             "Colour",
	"look.logo":               "Logo",
	"starts.key":              "Begin with a session key",
	"starts.reps":             "Begin by choosing a rep",
	"starts.issues":           "Begin by describing an issue",
	"hours.limited":           "Opening hours",
	"hours.zone":              "Time zone",
	"hours.week.*":            "Open on %s",
	"hours.holidays":          "Holidays",
	"hours.holidays.*.date":   "Holiday %s",
	"hours.holidays.*.name":   "Name of holiday %s",
	"hours.holidays.*.open":   "Open on holiday %s",
	"notices":                 "Notices, in order",
	"notices.*.id":            "Notice %s",
	"notices.*.title":         "Title of notice %s",
	"notices.*.text":          "Text of notice %s",
	"notices.*.until":         "End of notice %s",
	"notices.*.leave":         "Leaving offered with notice %s",
	"notices.*.pushed":        "Notice %s told to those who wait",
	"issues":                  "Issues, in order",
	"issues.*.id":             "Issue %s",
	"issues.*.names.*":        "Name of issue %s (%s)",
	"issues.*.team":           "Team of issue %s",
	"form.companyCode":        "Form asks for a company code",
	"form.fields":             "Fields of the form, in order",
	"form.fields.*.id":        "Field %s",
	"form.fields.*.names.*":   "Name of field %s (%s)",
	"form.fields.*.required":  "Field %s is needed",
	"agreement.on":            "Customers have to agree",
	"agreement.minutes":       "Minutes to agree",
	"recording":               "Customers are asked about recording",
	"waiting.position":        "Place in the queue is told",
	"waiting.estimate":        "Estimated wait is told",
	"waiting.holdEvery":       "Seconds between hold messages",
	"nobody.url":              "Page opened when nobody is there",
	"nobody.minutes":          "Minutes with nobody there before customers hear so",
	"nobody.stay":             "Customers may wait though nobody is there",
	"lost.noOtherRep":         "Lost rep: skip another rep of the session",
	"lost.noLastQueue":        "Lost rep: skip the last queue",
	"lost.noFirstQueue":       "Lost rep: skip the first queue",
	"lost.fallback":           "Lost rep: fallback queue",
	"lost.after":              "Lost rep: after so many seconds",
	"survey":                  "Questions of the survey, in order",
	"survey.*.id":             "Question %s",
	"survey.*.form":           "Kind of question %s",
	"survey.*.texts.*":        "Text of question %s (%s)",
	"survey.*.options.*.*":    "Question %s, option %s (%s)",
	"survey.*.required":       "Question %s has to be answered",
	"repSurvey":               "Questions of the rep's survey, in order",
	"repSurvey.*.id":          "Question %s for reps",
	"repSurvey.*.form":        "Kind of question %s for reps",
	"repSurvey.*.texts.*":     "Text of question %s for reps (%s)",
	"repSurvey.*.options.*.*": "Question %s for reps, option %s (%s)",
	"repSurvey.*.required":    "Question %s has to be answered by reps",
	"exitUrl":                 "Page opened at the end",
	"policy.*":                "%s",
	"texts.*.*":               "Text in %s: %s",
	"queues.persistent":       "Queues that never end a session",
	"people.idleMinutes":      "Minutes until logged out",
	"people.consoleHours":     "Hours a console stays logged in",
	"people.needFactor":       "Second factor for everybody",
	"people.oidc.name":        "Identity provider",
	"people.oidc.issuer":      "Address of the identity provider",
	"people.oidc.clientId":    "Client ID at the identity provider",
	"people.oidc.secret":      "Client secret at the identity provider",
	"people.oidc.roles.*":     "Role of group %s",
	"people.loginNetworks":    "Networks from which people log in",
	"hooks":                   "Web hooks, in order",
	"hooks.*.id":              "Web hook %s",
	"hooks.*.url":             "Address of web hook %s",
	"hooks.*.events":          "Events of web hook %s",
	"hooks.*.secret":          "Secret of web hook %s",
	"hooks.*.off":             "Web hook %s is off",
	"hooks.*.private":         "Web hook %s may be in a private network",
	"syslog.address":          "Syslog server",
	"syslog.ca":               "Certificate of the syslog server",
	"syslog.personal":         "Syslog server hears names, too",
	"records.keep":            "What is said in sessions",
	"records.days":            "Days that records are kept",
	"role.name":               "Name",
	"role.may":                "Permissions",
	"team.name":               "Name",
	"team.above":              "Team above",
	"team.members.*":          "%s",
	"rep.name":                "Name for customers",
	"rep.privateName":         "Name for colleagues",
	"rep.language":            "Language",
	"rep.listed":              "Listed on portals",
	"rep.order":               "Place in the list",
	"rep.idleMinutes":         "Minutes until logged out",
	"rep.disabled":            "Disabled",
	"rep.roles":               "Roles",
}

// KeepChoice is what becomes of what is said in sessions.
func KeepChoice(k wire.Keep) Sentence {
	switch k {
	case wire.KeepSealed:
		return "Kept sealed"
	case wire.KeepReadable:
		return "Kept readable"
	}
	return "Forgotten"
}

// SurveyForm is how a question of a survey is answered; empty for none.
func SurveyForm(form int) Sentence {
	switch form {
	case 1:
		return "Stars from 1 to 5"
	case 2:
		return "One of several options"
	case 3:
		return "Any of several options"
	case 4:
		return "Own words"
	}
	return ""
}

// What is wrong with a file of settings.
const (
	FileHead      Sentence = "Settings of Handrail. Secrets are not in here; they stay as they are when the file is applied."
	FileEmpty     Sentence = "The file is empty."
	FileBig       Sentence = "The file is larger than %d MiB."
	FileNotUTF8   Sentence = "The file is no text in UTF-8. Save it with this encoding, and choose it again."
	FileBad       Sentence = "The file cannot be read as YAML: %s."
	FileSeveral   Sentence = "The file holds more than one document."
	FileAlias     Sentence = "Anchors and aliases are not read here. Write the value itself."
	FileUnknown   Sentence = "There is no setting called %q here."
	FileNotGroup  Sentence = "Here belong settings with names."
	FileNotList   Sentence = "Here belongs a list."
	FileNotValue  Sentence = "Here belongs a single value."
	FileNotBool   Sentence = "Here belongs true or false."
	FileNotNumber Sentence = "Here belongs a whole number."
	FileNotBase64 Sentence = "Here belongs a picture in base64."
	FileNotText   Sentence = "Here belongs text."
	FileNotSpan   Sentence = "Here belong hours like 09:00-17:30, or to midnight like 18:00-24:00."
	FileNotDate   Sentence = "Here belongs a date like 2026-12-24."
	FileNotMoment Sentence = "Here belongs a date with a time like 2026-12-24T18:00:00+01:00."
)

// What is wrong with the people of a file.
const (
	StaffTwice        Sentence = "This mail address is here twice."
	StaffNoMail       Sentence = "Nobody has this mail address, neither here nor in the file."
	StaffNoRank       Sentence = "Members are member, lead or manager."
	StaffNoPermission Sentence = "There is no such permission."
	StaffNoRole       Sentence = "There is no role with this ID."
	StaffNoTeam       Sentence = "There is no team with this number in the file."
	StaffOldTeam      Sentence = "This number was another team's, whose records stay, or is below one that was. A new team needs a number above %d."
	StaffMany         Sentence = "These are more than %d changes of people at once. Make them in several steps."
)

// What the broker's commands export and apply say.
const (
	FlagYes        Sentence = "change the settings, instead of only showing what would change"
	ApplyNeedsFile Sentence = "Say the file: broker apply --data DIR FILE, or - for standard input."
	ApplyNoFile    Sentence = "%s cannot be read."
	ApplyNothing   Sentence = "The file says what is set already. Nothing changes."
	ApplyHint      Sentence = "Nothing is changed yet. Say --yes to change it."
	ApplyDone      Sentence = "The settings and people are changed."
	ApplyChanged   Sentence = "Somebody else has changed the settings or people in this moment. Look at what would change now, and apply again."
	ApplyLine      Sentence = "%s, line %d: %s: %s"
	ApplyPlace     Sentence = "%s: %s: %s"
	ApplyWhole     Sentence = "%s: %s"
	ApplyRefused   Sentence = "%s is not applied. Nothing is changed."
)
