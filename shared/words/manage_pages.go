package words

// What the pages for portals, policies and settings say.
const (
	ManageNotAllowed Sentence = "You may not do this. Ask an administrator if you need it."
	ManageOwnRights  Sentence = "You cannot let others have more rights than you have yourself."
	ManageSaved      Sentence = "Saved."
	ManageSame       Sentence = "Nothing was different, so nothing is changed."
	ManageAdded      Sentence = "Added. Go through its pages now."
	ManageRemoved    Sentence = "Removed."
	ManageRevoked    Sentence = "Revoked. It lets nobody in any more."
	ManageUnsaved    Sentence = "This is not saved yet."
	ManageMoment     Sentence = "Somebody else has changed the settings in this moment. Nothing of yours is lost: save again."
	ManageClash      Sentence = "Somebody has changed this meanwhile"
	ManageClashHint  Sentence = "Below is what you typed. If you save it now, it takes the place of this:"
	ManagePleaseMend Sentence = "Please mend this first"
	ManageWas        Sentence = "was"
	ManageIs         Sentence = "is now"
	ManageOld        Sentence = "Before"
	ManageNew        Sentence = "After"
	ManageWhere      Sentence = "Where"
	ManageWhat       Sentence = "What"
	ManageSave       Sentence = "Save"
	ManageUndo       Sentence = "Undo"
	ManageAdd        Sentence = "Add"
	ManageCancel     Sentence = "Cancel"
	ManageUp         Sentence = "Up"
	ManageDown       Sentence = "Down"
	ManageRemove     Sentence = "Remove"
	ManageNoted      Sentence = "I have noted it"
	ManageLarge      Sentence = "The file is far too large. Choose a smaller one: the page says how large it can be."
	ManageTwice      Sentence = "This came more than once."
	ManageNotNumber  Sentence = "Write a whole number."
	ManageInLanguage Sentence = "%s (%s)"
	ManageRange      Sentence = "%d to %d. Empty is %d."
	ManageURLHint    Sentence = "A full address that begins with https://."
	ManageGoneRep    Sentence = "rep %d, who is gone"
	ManageGoneTeam   Sentence = "team %d, which is gone"
	ManageGoneQueue  Sentence = "%s, which is gone"
)

// Portals.
const (
	ManagePortalsLead     Sentence = "The public pages on which customers begin. Each has its own look, texts, hours and rules."
	ManageNewPortal       Sentence = "New portal"
	ManageName            Sentence = "Name"
	ManageNameHint        Sentence = "What customers read: your organisation, or a brand of it."
	ManageID              Sentence = "Short name"
	ManageIDHint          Sentence = "For files and reports, such as shop. Small letters, digits and hyphens. It stays as it is for good."
	ManageTaken           Sentence = "Another portal has this short name."
	ManageHosts           Sentence = "Host names"
	ManageHostsHint       Sentence = "One a line, such as help.example.org. They have to lead to this broker."
	ManageMainHostsHint   Sentence = "One a line, such as help.example.org. This portal also answers for every host name that no other portal has."
	ManageOtherHosts      Sentence = "all others"
	ManageLanguages       Sentence = "Languages"
	ManageLanguagesHint   Sentence = "Such as en, de, pt-BR. The first is for those who speak none of them. Empty is English. Handrail's own words are there in %s; in another language customers read what you write under Texts, and the rest in English."
	ManageStarts          Sentence = "How customers begin"
	ManageStartsHint      Sentence = "Outside of the opening hours only the session key stays."
	ManageByKey           Sentence = "Session key"
	ManageByKeyHint       Sentence = "The customer types the number that a rep gives."
	ManageByRep           Sentence = "Choosing a rep"
	ManageByRepHint       Sentence = "Lists the reps who are signed in and may be listed."
	ManageByIssue         Sentence = "Describing an issue"
	ManageByIssueHint     Sentence = "A form whose issue leads to the queue of its team."
	ManageAfter           Sentence = "Afterwards"
	ManageExitURL         Sentence = "Page that opens at the end"
	ManageExitURLHint     Sentence = "Opens in the customer's browser when the session is over, after the survey. Begins with https://. Empty is none."
	ManageNow             Sentence = "Now"
	ManageOpen            Sentence = "Open"
	ManageClosed          Sentence = "Closed"
	ManageRemovePortalDo  Sentence = "Remove this portal"
	ManageRemovePortal    Sentence = "Remove %s?"
	ManageRemovePortalAsk Sentence = "Its host names will show the main portal. Sessions that are going on stay. What is in the reports stays as well, and the history keeps the settings."
	ManageRemoveFinal     Sentence = "Remove the portal"

	TabGeneral Sentence = "General"
	TabLook    Sentence = "Look"
	TabTexts   Sentence = "Texts"
	TabHours   Sentence = "Hours"
	TabNotices Sentence = "Notices"
	TabIssues  Sentence = "Issues"
	TabWaiting Sentence = "Waiting"
	TabSurvey  Sentence = "Survey"

	TabRepSurvey        Sentence = "Rep's survey"
	ManageRepSurveyLead Sentence = "What reps are asked when a session of theirs is over. The answers stand in the session's report; customers never see them."
)

// A portal's look and texts.
const (
	ManageLookLead      Sentence = "Your colour and your logo, on light and on dark pages."
	ManageOwnColour     Sentence = "Use a colour of our own"
	ManageOwnColourHint Sentence = "For buttons, links and marks."
	ManageColour        Sentence = "Colour"
	ManageColourChanged Sentence = "On buttons the colour is as you chose it. Links are a little darker or lighter where the colour itself would be hard to read."
	ManageLogo          Sentence = "Logo"
	ManageLogoHint      Sentence = "PNG or JPEG, at most %d KiB and %d pixels on each side."
	ManageLogoRemove    Sentence = "Remove the logo"
	ManagePreview       Sentence = "Preview"
	ManagePreviewButton Sentence = "Continue"
	ManagePreviewLink   Sentence = "What happens then?"
	ManageLight         Sentence = "Light"
	ManageDark          Sentence = "Dark"

	ManageTextsLead  Sentence = "What this portal says in its own words. Where a field is empty, the text beside it is used. **bold**, *emphasis*, [words](https://…), lines that begin with a hyphen, and an empty line before a new paragraph."
	ManageMacros     Sentence = "Can hold %s."
	ManageDefault    Sentence = "Where the field is empty"
	ManageUseDefault Sentence = "Use the default again"
)

// TextLabel is what a text of a portal is called, by its name in package
// settings.
func TextLabel(name string) Sentence {
	switch name {
	case "welcome":
		return "Heading of the portal"
	case "intro":
		return "Below the heading"
	case "closed":
		return "When the portal is closed"
	case "agreement-title":
		return "Heading of the agreement"
	case "agreement":
		return "Agreement"
	case "recording":
		return "Question about recording"
	case "greeting":
		return "Greeting of those who wait"
	case "hold":
		return "Repeated to those who wait"
	case "nobody":
		return "When nobody is there"
	case "lost":
		return "When the rep is lost"
	case "moved":
		return "When the rep hands the customer on"
	case "survey-intro":
		return "Above the survey"
	case "survey-thanks":
		return "After the survey"
	case "invite-subject":
		return "Subject of an invitation"
	case "invite":
		return "Invitation by mail"
	}
	return ""
}

// Notices and hours.
const (
	ManageNoticesLead Sentence = "Important messages: on the portal, and in the window of those who wait. At most ten count at one time."
	ManageAddNotice   Sentence = "Add a notice"
	ManageNoNotices   Sentence = "There is no notice."
	ManageNoticeOn    Sentence = "shown"
	ManageNoticeOver  Sentence = "over"
	ManageTitle       Sentence = "Title"
	ManageText        Sentence = "Text"
	ManageProseHint   Sentence = "At most %d characters. **bold**, *emphasis*, [words](https://…), lines that begin with a hyphen."
	ManageUntil       Sentence = "Until"
	ManageUntilHint   Sentence = "Time of %s. Empty is until you remove it."
	ManageNotMoment   Sentence = "Write a date and a time."
	ManageLeave       Sentence = "Offer to leave"
	ManageLeaveHint   Sentence = "Customers who wait can go because of this notice; they are not asked the survey."
	ManagePush        Sentence = "Tell those who wait now"
	ManagePushHint    Sentence = "Everybody who is waiting already reads it at once."

	ManageHoursLead       Sentence = "Outside of these hours customers can only begin with a session key, and read when you open again."
	ManageLimited         Sentence = "There are opening hours"
	ManageLimitedHint     Sentence = "Otherwise the portal is always open."
	ManageZone            Sentence = "Time zone"
	ManageZoneHint        Sentence = "Such as Europe/Berlin or America/New_York. Empty is UTC."
	ManageNoZone          Sentence = "There is no such time zone. Write it like Europe/Berlin."
	ManageWeek            Sentence = "Every week"
	ManageWeekHint        Sentence = "Such as 09:00-12:00, 13:00-17:30. Hours past midnight are written 22:00-02:00. Empty is closed."
	ManageNotHours        Sentence = "Write hours like 09:00-12:00, 13:00-17:30."
	ManageHolidays        Sentence = "Holidays"
	ManageHolidaysHint    Sentence = "Days with hours of their own."
	ManageAddHoliday      Sentence = "Add a holiday"
	ManageNoHolidays      Sentence = "There is no holiday."
	ManageDate            Sentence = "Date"
	ManageNotDate         Sentence = "Write a date."
	ManageHolidayName     Sentence = "Name"
	ManageHolidayOpen     Sentence = "Open"
	ManageHolidayOpenHint Sentence = "Empty is closed all day."
	ManageAlwaysOpen      Sentence = "The portal is always open."
	ManageNeverOpen       Sentence = "With these hours the portal does not open within a year."
	ManageOpenUntil       Sentence = "With these hours the portal is open now, until %s."
	ManageClosedUntil     Sentence = "With these hours the portal is closed now and opens at %s."
)

// Weekday is a day of the week, from 0 for Sunday.
func Weekday(day int) Sentence {
	return [...]Sentence{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}[day]
}

// Issues, forms and surveys.
const (
	ManageIssuesLead      Sentence = "What customers choose from when they describe their trouble, and what the form asks."
	ManageIssuesHint      Sentence = "Each leads to the queue of its team."
	ManageAddIssue        Sentence = "Add an issue"
	ManageNoIssues        Sentence = "There is no issue. Customers cannot begin by describing one."
	ManageIssueName       Sentence = "Issue"
	ManageIssueTeam       Sentence = "Team"
	ManageChooseTeam      Sentence = "Choose a team"
	ManageFormFields      Sentence = "The form"
	ManageFormHint        Sentence = "It always asks for name, company and description."
	ManageCompanyCode     Sentence = "Ask for a company code"
	ManageCompanyCodeHint Sentence = "A number or word by which you know the customer's company."
	ManageAddField        Sentence = "Add a field"
	ManageNoFields        Sentence = "There is no field of your own."
	ManageFieldName       Sentence = "Field"
	ManageNeeded          Sentence = "Has to be filled in"

	ManageSurveyLead   Sentence = "What customers are asked when their session is over."
	ManageAddQuestion  Sentence = "Add a question"
	ManageNoQuestions  Sentence = "There is no question, so customers are not asked anything."
	ManageQuestion     Sentence = "Question %d"
	ManageQuestionText Sentence = "Question"
	ManageQuestionForm Sentence = "Answered by"
	ManageOptions      Sentence = "Options"
	ManageOptionsHint  Sentence = "One a line, where the question has options; in the same order in each language."
	ManageAnswerNeeded Sentence = "Has to be answered"
)

// Waiting.
const (
	ManageWaitingLead      Sentence = "What happens between arriving and meeting a rep, and when a rep is lost. The words for it are under Texts."
	ManageBefore           Sentence = "Before waiting"
	ManageAgreement        Sentence = "Customers have to agree first"
	ManageAgreementHint    Sentence = "Whoever does not agree in time meets no rep, not even with a session key."
	ManageAgreementMinutes Sentence = "Minutes to agree"
	ManageRecording        Sentence = "Ask whether the session may be recorded"
	ManageRecordingHint    Sentence = "Who says no gets help all the same, and nothing can be recorded."
	ManageWhile            Sentence = "While waiting"
	ManagePosition         Sentence = "Tell the place in the queue"
	ManageEstimate         Sentence = "Tell how long it may take"
	ManageHold             Sentence = "Repeat a message"
	ManageHoldEvery        Sentence = "Seconds between two"
	ManageNobody           Sentence = "When nobody is there"
	ManageNobodyMinutes    Sentence = "Minutes until customers hear so"
	ManageNobodyHint       Sentence = "0 to %d, counted from when nobody of the queue is signed in. Empty is at once."
	ManageNobodyURL        Sentence = "Page that opens then"
	ManageNobodyStay       Sentence = "Customers may wait all the same"
	ManageNobodyStayHint   Sentence = "Otherwise their session ends."
	ManageLost             Sentence = "When a rep is lost"
	ManageLostHint         Sentence = "A rep who is still connected with the customer is not lost. The first that works is taken. After the last the session ends, unless the queue is one that never ends a session."
	ManageLostAfter        Sentence = "Seconds until a rep counts as lost"
	ManageLostOther        Sentence = "Another rep in the session goes on"
	ManageLostLast         Sentence = "Back to the queue where the customer waited last"
	ManageLostFirst        Sentence = "Back to the queue where the customer waited first"
	ManageLostFallback     Sentence = "Then to"
	ManageNoFallback       Sentence = "no other queue"
	ManageGeneralQueue     Sentence = "General queue"
	ManageTeamQueue        Sentence = "Queue of %s"
)

// Policies.
const (
	PolicyLead           Sentence = "What reps may ask customers for. The portal decides first, then the teams of the rep, then the rep, then what holds for everybody. The customer is always asked besides."
	PolicyOutcomeDo      Sentence = "Explain a case"
	PolicyPortals        Sentence = "Portals"
	PolicyPortalsHint    Sentence = "For all sessions of a portal, before anything else."
	PolicyTeams          Sentence = "Teams"
	PolicyTeamsHint      Sentence = "Where a rep is in several teams, one that says no is enough."
	PolicyReps           Sentence = "Reps"
	PolicyRepsHint       Sentence = "For single people, where portal and teams say nothing."
	PolicyEverybody      Sentence = "Everybody"
	PolicyEverybodyHint  Sentence = "Where nothing else says anything."
	PolicySilent         Sentence = "says nothing"
	PolicyAllows         Sentence = "allows %d"
	PolicyDenies         Sentence = "denies %d"
	PolicyBoth           Sentence = "allows %d, denies %d"
	PolicyUnset          Sentence = "not set: others decide"
	PolicyUnsetLast      Sentence = "not set: not allowed"
	PolicyTeam           Sentence = "Also in team"
	PolicyNoTeam         Sentence = "no other team"
	PolicyAllow          Sentence = "allowed"
	PolicyDeny           Sentence = "not allowed"
	PolicyFormLead       Sentence = "Where this says nothing, the next level decides."
	PolicyDefaultLead    Sentence = "What holds where no portal, team or rep has a rule of its own."
	PolicyOutcome        Sentence = "Explain a case"
	PolicyOutcomeLead    Sentence = "Who may do what in a session, and which rule says so."
	PolicyPortal         Sentence = "Session on portal"
	PolicyRep            Sentence = "Rep"
	PolicyNoRep          Sentence = "any rep"
	PolicyShow           Sentence = "Explain"
	PolicyPermissionHead Sentence = "Permission"
	PolicyOutcomeHead    Sentence = "Outcome"
	PolicyWhyHead        Sentence = "Because"
	PolicyYes            Sentence = "may ask"
	PolicyNo             Sentence = "may not"
	PolicyLacks          Sentence = "It is worth nothing without: %s."
	PolicyNobodySaid     Sentence = "Nothing is said about it anywhere."
	PolicyByPortal       Sentence = "The portal %s says so."
	PolicyByTeam         Sentence = "The team %s says so."
	PolicyByRep          Sentence = "The rule for %s says so."
	PolicyByDefault      Sentence = "It holds for everybody."
)

// PolicyVerdict is what a verdict of package policy is called.
func PolicyVerdict(name string) Sentence {
	switch name {
	case "allow":
		return PolicyAllow
	case "deny":
		return PolicyDeny
	}
	return PolicyUnset
}

// PolicyPermission is what a permission of package policy is called.
func PolicyPermission(name string) Sentence {
	switch name {
	case "view":
		return "See the screen"
	case "control":
		return "Control keyboard and mouse"
	case "copy-out":
		return "Paste what the customer copied"
	case "copy-in":
		return "Let the customer paste what the rep copied"
	case "send-files":
		return "Send files to the customer"
	case "take-files":
		return "Get files from the customer"
	case "nudge":
		return "Shake the customer's window"
	case "transfer":
		return "Hand the session on"
	case "share":
		return "Bring a colleague into the session"
	case "invite-outside":
		return "Bring in somebody from elsewhere"
	case "record":
		return "Record the session"
	}
	return ""
}

// The organisation, and programs that hear what happens.
const (
	TabOrganisation Sentence = "Organisation"
	TabRecords      Sentence = "Records"
	TabPrograms     Sentence = "Web hooks and syslog"
	TabFile         Sentence = "File"
	TabHistory      Sentence = "History"
	TabTokens       Sentence = "API tokens"

	ManageOrganisationLead Sentence = "What holds for everybody who works here, and for all queues."
	ManageLoggedIn         Sentence = "Being logged in"
	ManageIdle             Sentence = "Minutes of doing nothing until somebody is logged out"
	ManageIdleHint         Sentence = "1 to %d. Empty is %d. A rep can have another time."
	ManageConsoleHours     Sentence = "Hours a console stays logged in"
	ManageFactor           Sentence = "Everybody needs a second factor"
	ManageFactorHint       Sentence = "An app with codes, or a passkey. Who has none sets it up at the next login."
	ManageNetworks         Sentence = "Networks from which people can log in"
	ManageNetworksHint     Sentence = "One a line, such as 192.0.2.0/24. Empty is from anywhere."
	ManageLockOut          Sentence = "Your own address %s is in none of these networks: you would lock yourself out."
	ManageOIDC             Sentence = "Identity provider"
	ManageOIDCHint         Sentence = "People can log in with an account that they have elsewhere (OpenID Connect)."
	ManageOIDCOn           Sentence = "Use an identity provider"
	ManageOIDCName         Sentence = "Name"
	ManageOIDCNameHint     Sentence = "Stands on the button."
	ManageOIDCIssuer       Sentence = "Its address"
	ManageOIDCClient       Sentence = "Client ID"
	ManageOIDCSecret       Sentence = "Client secret"
	ManageOIDCSecretNew    Sentence = "From the provider. Nobody can read it here afterwards."
	ManageOIDCSecretKept   Sentence = "One is kept. Type here only to replace it; for another provider or client ID it has to be typed again."
	ManageOIDCRoles        Sentence = "Roles by group"
	ManageOIDCRolesHint    Sentence = "One a line, such as helpdesk-leads = lead. The left side is a value of the claim groups."
	ManageNotRole          Sentence = "Write it like group = role, not like %q."
	ManageQueues           Sentence = "Queues that never end a session"
	ManageQueuesHint       Sentence = "Customers stay there though nobody is."

	ManageProgramsLead       Sentence = "Other programs of yours that hear when sessions begin, end, and what happens in between."
	ManageHooks              Sentence = "Web hooks"
	ManageHooksHint          Sentence = "Each event is sent as signed JSON, and again until the other side has it."
	ManageAddHook            Sentence = "Add a web hook"
	ManageNoHooks            Sentence = "There is no web hook."
	ManageHookID             Sentence = "Short name"
	ManageHookIDHint         Sentence = "Small letters, digits and hyphens. Its secret and what waits to be sent belong to it."
	ManageHookURL            Sentence = "Address"
	ManageHookEvents         Sentence = "Events"
	ManageHookEventsHint     Sentence = "Names between commas; empty is all of them: %s."
	ManageHookPrivate        Sentence = "The address is in our own network"
	ManageHookOff            Sentence = "Send nothing for now"
	ManageHookRenew          Sentence = "Make a new secret"
	ManageHookRenewHint      Sentence = "The old one is worth nothing from then on."
	ManageHookSecrets        Sentence = "Secrets of your web hooks"
	ManageHookSecretsLead    Sentence = "The other side checks signatures with it. Copy it now: it is not shown again."
	ProgramNothing           Sentence = "Nothing has been sent yet."
	ProgramTold              Sentence = "%d events were sent, the last at %s."
	ProgramWaiting           Sentence = "Waiting to be sent: %d."
	ProgramGivenUp           Sentence = "%d were given up."
	ManageSyslog             Sentence = "Syslog"
	ManageSyslogHint         Sentence = "The same events as lines of RFC 5424 over TLS."
	ManageSyslogOn           Sentence = "Send to a syslog server"
	ManageSyslogAddress      Sentence = "Server"
	ManageSyslogAddressHint  Sentence = "Host and port, such as logs.example.org:6514."
	ManageSyslogCA           Sentence = "Certificate of its authority"
	ManageSyslogCAHint       Sentence = "PEM. Empty is what this machine trusts."
	ManageSyslogPersonal     Sentence = "Tell names, too"
	ManageSyslogPersonalHint Sentence = "Otherwise lines hold no personal data."
)

// What is kept of sessions.
const (
	RecordsLead     Sentence = "What is kept of sessions, and for how long."
	RecordsSaid     Sentence = "What is said"
	RecordsSaidHint Sentence = "Of every session this broker keeps who came and who helped, what was asked and allowed, the sizes of files, and the reps' notes. The lines of the chat and the names of files are another matter: choose what becomes of them. Sessions that go on keep what they began with, and what is kept already stays as it is."
	RecordsKeep     Sentence = "The chat and the names of files are"
	RecordsChoose   Sentence = "Choose one of the three."

	RecordsNothingHint  Sentence = "When the session is over, nobody can read them any more."
	RecordsSealedHint   Sentence = "Only people whom your organisation's key has let in can read them, in their own console. This broker cannot, nor can anybody who takes its data. Customers are told before the conversation begins. It needs a record key and people who may read."
	RecordsReadableHint Sentence = "Whoever may see a session in the reports can read them, and so can everybody who has this broker's data or a backup of it. Customers are told before the conversation begins."

	RecordsNoKey     Sentence = "There is no record key here yet. Until there is one, nothing can be sealed, and what is said is forgotten. Make it where the organisation's key is, with broker certify --readers, and bring its file here."
	RecordsNoReaders Sentence = "There is a record key, but no console can open what is sealed for it. Let people in with broker certify --readers; whoever has the organisation's key can open it with broker open-transcript."
	RecordsOneReader Sentence = "1 console can open what is kept sealed."
	RecordsReaders   Sentence = "%d consoles can open what is kept sealed."

	RecordsLong       Sentence = "How long"
	RecordsLongHint   Sentence = "When the days are over, everything about a session is deleted for good: who came, what happened, the notes, the answers to surveys and what was said. The sums in the summary stay. Backups are yours to delete."
	RecordsDays       Sentence = "Days that a session is kept"
	RecordsDaysHint   Sentence = "1 to %d, counted from the day it began."
	RecordsDaysEmpty  Sentence = "empty: for ever"
	RecordsSure       Sentence = "Delete all sessions that began more than %s days ago"
	RecordsSureNeeded Sentence = "With this change sessions are deleted that would have stayed, within a day and for good. Tick this to agree."
)

// Settings as a file, and their history.
const (
	FileLead       Sentence = "All settings of this page, of portals and of policies, and people, teams and roles. Keep it in version control, review changes there, and apply them here or with broker apply."
	FileExport     Sentence = "Export"
	FileExportText Sentence = "A YAML file with everything but secrets, and with the people, teams and roles that you may see."
	FileExportDo   Sentence = "Download the file"
	FileImport     Sentence = "Import"
	FileLarge      Sentence = "The file is larger than this page takes. The command “broker apply” on the server takes it."
	FileImportText Sentence = "You see what would change before anything changes."
	FileImportDo   Sentence = "Show what would change"
	FileChoose     Sentence = "File"
	FileWrong      Sentence = "This file is not applied"
	FileLine       Sentence = "Line %d, %s: %s"
	FilePlace      Sentence = "%s: %s"
	FileReview     Sentence = "Review"
	FileReviewText Sentence = "This is what would change. Nothing is changed yet."
	FileApply      Sentence = "Change the settings"
	FileMoved      Sentence = "Somebody has changed the settings or people since you began. This is what the file would change now."

	HistoryLead    Sentence = "Who changed settings, and when."
	HistoryNumber  Sentence = "Version"
	HistoryWhen    Sentence = "When"
	HistoryWho     Sentence = "Who"
	HistoryEmpty   Sentence = "Nothing has been changed yet."
	HistoryCommand Sentence = "the broker's command"
	HistoryVersion Sentence = "Version %d"
)

// Tokens.
const (
	TokenLead      Sentence = "They let other programs in, under /api/v1. A token never may more than whoever made it."
	TokenNew       Sentence = "New token"
	TokenNone      Sentence = "There is no token."
	TokenNumber    Sentence = "API token %d" // as the audit log knows it
	TokenName      Sentence = "Name"
	TokenNameHint  Sentence = "What it is for, such as nightly review."
	TokenBadName   Sentence = "Write a name of at most %d characters."
	TokenMay       Sentence = "May"
	TokenNothing   Sentence = "Choose at least one thing that it may do."
	TokenDays      Sentence = "Days until it ends"
	TokenDaysHint  Sentence = "1 to 3650. Empty is never."
	TokenMake      Sentence = "Make the token"
	TokenMade      Sentence = "Made"
	TokenMadeBy    Sentence = "%s by %s"
	TokenSeen      Sentence = "Last used"
	TokenNever     Sentence = "never"
	TokenUntil     Sentence = "Until"
	TokenNoEnd     Sentence = "no end"
	TokenOver      Sentence = "over"
	TokenRevoked   Sentence = "revoked %s"
	TokenRevoke    Sentence = "Revoke"
	TokenMadeTitle Sentence = "Your new token"
	TokenMadeLead  Sentence = "Copy it now: it is not shown again."
)

// TokenPermission is what a token may be let do, by its name in package people.
func TokenPermission(name string) Sentence {
	switch name {
	case "settings.export":
		return "Read all settings"
	case "settings.import":
		return "Change all settings"
	case "portals.edit":
		return "Change portals"
	case "policies.edit":
		return "Change policies"
	case "people.manage":
		return "Read reps, teams and roles, and change reps"
	case "teams.edit":
		return "Read and change teams"
	case "roles.edit":
		return "Read and change roles, and who holds them"
	}
	return ""
}

// What the API answers when something is not done.
const (
	APINoToken    Sentence = "This needs a token that is valid: Authorization: Bearer handrail_…"
	APINotAllowed Sentence = "The token may not do this."
	APITooOften   Sentence = "Too many requests. Try again in a second."
	APIMissing    Sentence = "There is nothing at this address."
	APIMethod     Sentence = "This method does not work here."
	APITooLarge   Sentence = "This is larger than the API takes."
	APIUnread     Sentence = "The request could not be read."
	APISlow       Sentence = "The request came too slowly. Nothing has been changed."
	APINoMatch    Sentence = "Say which version this is to replace: If-Match with the ETag that came with it."
	APIChanged    Sentence = "This has been changed meanwhile. Read it again."
	APIUnfit      Sentence = "This cannot be kept."
	APIBroken     Sentence = "Something went wrong here. Nothing has been changed."
)
