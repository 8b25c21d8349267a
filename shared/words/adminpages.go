package words

import "maps"

// Admin is what the templates of the administration say, by the names that they
// use.
func Admin() map[string]Sentence {
	all := map[string]Sentence{}
	for _, part := range []map[string]Sentence{
		doorTexts(), accountTexts(), factorTexts(), askTexts(), peopleTexts(), personTexts(), teamTexts(), overviewTexts(), revokeTexts(), auditTexts(),
	} {
		maps.Copy(all, part)
	}
	return all
}

func doorTexts() map[string]Sentence {
	return map[string]Sentence{
		"sign-in": AdminSignIn, "with-passkey": "Use a passkey", "go-on": "Go on", "cancel": "Cancel", "save": "Save",
		"passkey-failed":       "The passkey did not work. Please try again, or sign in in another way.",
		"forgot":               "Password forgotten? An administrator of yours can give you a link for a new one.",
		"have-first-code":      "I have a code from the server’s command",
		"factor-title":         AdminFactorTitle,
		"factor-passkey-only":  "Please use your passkey.",
		"factor-lost":          "Have you lost it? Ask an administrator.",
		"sign-in-other":        "Sign in as somebody else",
		"to-sign-in":           "Sign in",
		"first-title":          AdminFirstTitle,
		"first-intro":          "This needs a code that a command on the server prints. Whoever may run it there decides who becomes an owner:",
		"first-open":           "The code is right. Say who you are: you may do everything here then, and let others in.",
		"first-make":           "Become an owner",
		"invited-title":        "Welcome, %s",
		"invited-intro":        "Choose a password. You sign in with your mail address and this password.",
		"reset-title":          AdminResetTitle,
		"reset-open":           "Choose a new password for %s. All places where you are signed in are signed out.",
		"reset-use":            "Save the password",
		"reset-factor":         "To show that you are %s, give the code of your authenticator app, or a recovery code.",
		"reset-passkey":        "To show that you are %s, please use your passkey.",
		"reset-passkey-failed": "The passkey did not work. Please try again. If it is lost, ask an administrator for another link.",
		"reset-approval":       "Another administrator must agree before %s can have a new password. This page goes on then.",
		"look-again":           "Look again",
	}
}

func accountTexts() map[string]Sentence {
	return map[string]Sentence{
		"you": "You", "you-hint": "Your name, mail address and roles are set by an administrator.",
		"public-name": AdminPublicName, "private-name": AdminPrivateName, "mail": AdminMail, "roles": "Roles", "teams": "Teams",
		"role-everybody": "None besides what everybody may do.",
		"password":       AdminPassword, "password-set": "You sign in with a password.", "password-none": "You have no password.",
		"provider-known":     "You are known there by your account since",
		"provider-stays":     "It stays this account, whatever your mail address. If you get another one there, ask for a new password: two administrators must agree, and you connect it here.",
		"provider-not":       "You are not known there yet.",
		"provider-join":      "Connect…",
		"provider-join-hint": "You sign in there once, and can come in that way from then on.",
		"password-change":    "Change the password", "password-make": "Make a password",
		"password-ends": "Other browsers and all consoles in which you are signed in are signed out. Sessions go on.", "password-save": "Save the password",
	}
}

func factorTexts() map[string]Sentence {
	return map[string]Sentence{
		"old-password": AdminOldPassword,
		"factor":       "Second factor", "on": "On", "off": "Off",
		"factor-off":     "Your password alone is enough to sign in. A second factor keeps others out who have learnt it.",
		"app":            "Authenticator app",
		"app-on":         "Your authenticator app is asked for its code.",
		"app-off":        "You have no authenticator app set up.",
		"app-set-up":     "Set up a second factor",
		"app-drop":       "Take the app away",
		"app-drop-hint":  "For another phone: take this one away, and set up the new one.",
		"app-drop-do":    "Take the app away",
		"app-why":        "An app on your phone shows a new code every half minute. Any app for one-time codes (TOTP) will do.",
		"app-begin":      "Show the code to scan",
		"app-anew":       "Begin anew",
		"app-scan":       "Open your authenticator app and scan this:",
		"app-qr":         "QR code for your authenticator app",
		"app-type":       "Cannot scan it? Type it instead",
		"app-confirm":    "Confirm",
		"or-passkey":     "Or a passkey",
		"codes":          "Recovery codes",
		"codes-left":     "%d are left. Each works once, when you do not have your phone.",
		"codes-none":     "You have none. With one, you get in without your phone.",
		"codes-new":      "Make new recovery codes",
		"codes-new-hint": "The old ones work no more then.",
		"codes-new-do":   "Make new codes",
		"codes-once":     "This is the only time that they are shown. Print them, or put them into a password manager.",
		"codes-keep":     "Each works once, in place of your app’s code.",
		"codes-kept":     "I have put them away",
		"passkeys":       "Passkeys", "passkeys-none": "You have none yet.",
		"passkeys-hint":     "A passkey lives in your phone, computer or security key, and signs you in with a finger, your face or its PIN. It needs no password beside it.",
		"passkey-add":       "Add a passkey",
		"passkey-name":      "What to call it",
		"passkey-name-like": "Such as: my phone",
		"passkey-add-do":    "Add a passkey",
		"passkey-known":     "This passkey is here already.",
		"passkey-script":    "Passkeys need a browser with scripts switched on.",
		"passkey-drop":      "Remove the passkey",
		"made":              "Made", "used": "used", "since": "since", "seen": "last seen", "until": "until", "remove": "Remove",
		"logins": "Where you are signed in", "some-browser": "A browser", "this-browser": "This browser", "other-address": "from another address",
		"how-password": "With a password", "how-passkey": "With a passkey", "how-oidc": "Through the identity provider", "how-": "Signed in",
		"end-login": "Sign out", "end-others": "Sign out everywhere else", "end-others-hint": "Consoles, too: they have to log in again.",
		"consoles": "Consoles", "consoles-hint": "Computers on which you work with the rep console.", "consoles-none": "There are none yet. Start the rep console and press Log in with the browser.",
		"some-console": "A computer", "logged-in": "Logged in",
	}
}

func askTexts() map[string]Sentence {
	return map[string]Sentence{
		"console-compare":   "Does your console show this code?",
		"console-computer":  "Computer",
		"console-where":     "Where it is",
		"console-elsewhere": "Be careful: if somebody sent you the link to this page, refuse.",
		"console-means":     "Whoever sits there will work as you, until the login ends or you sign out.",
		"console-allow":     "Allow",
		"console-refuse":    "Refuse",
		"to-overview":       AdminToOverview,
	}
}

func peopleTexts() map[string]Sentence {
	return map[string]Sentence{
		"search-people": "Search by name, mail address, role or team", "search": "Search", "show-all": "Show all", "name": "Name",
		"that-is-you": "You", "disabled": "Disabled", "found-of": "%d of %d", "people-count": "%d in all",
		"page-before": "Before", "page-after": "More", "nobody-found": "Nobody fits “%s”.", "add-person": AdminAddPerson,
		"link-invite":   "Send this link to %s, in a way that only they read. With it they choose a password.",
		"link-factor":   "Send this link to %s. It needs their second factor besides: you cannot use it yourself.",
		"link-approval": "Send this link to %s. It does nothing until another administrator has agreed, on the page of this rep.",
		"link-label":    "Link",
		"link-once":     "It works once, for a day, and is shown only now.",
		"link-done":     "I have sent it",
	}
}

func personTexts() map[string]Sentence {
	return map[string]Sentence{
		"person-disabled":     "This account is disabled: it keeps everything, but nobody can use it.",
		"reset-waits":         "A new password waits for the yes of another administrator",
		"invite-waits":        "An invitation has been made and not used yet",
		"reset-agree":         "Who can: %s.",
		"reset-nobody":        "Nobody can at the moment: for seven days an administrator and whoever made them one count as one person. The command broker first-admin on the server makes an owner who can at once.",
		"reset-waits-use":     "A link for a new password has been made and not used yet",
		"reset-waits-factor":  "A link for a new password waits for the rep’s second factor",
		"reset-by":            "Started by %s,",
		"reset-approve":       "Agree",
		"reset-cancel":        "Cancel it",
		"profile":             "Profile",
		"take-role":           "Take away",
		"give-role":           "Give a role",
		"give":                "Give",
		"no-team":             "In no team.",
		"access":              "Signing in",
		"set":                 "Set",
		"not-set":             "Not set",
		"signed-in":           "Signed in",
		"provider":            "Identity provider",
		"known-since":         "Known since",
		"browsers":            "In browsers: %d",
		"invite-hint":         "Nobody has ever used this account.",
		"invite-again":        "Make an invitation link",
		"reset-start":         "New password…",
		"reset-start-hint":    "You get a link for them. It alone opens nothing: it needs their second factor, or the yes of another administrator.",
		"reset-lost":          "The second factor is lost, too",
		"reset-lost-hint":     "Then another administrator must agree, and it is made anew.",
		"reset-link":          "Make the link",
		"their-consoles-none": "None.",
		"account-state":       "Account",
		"enable-hint":         "Roles, teams and password are as they were. They sign in anew, and a console that came by a one-time code needs a new code.",
		"enable":              "Enable the account",
		"disable":             "Disable the account…",
		"disable-hint":        "%s is signed out everywhere and cannot sign in any more. Nothing is deleted, and it can be undone.",
		"disable-do":          "Disable the account",
	}
}

func teamTexts() map[string]Sentence {
	return map[string]Sentence{
		"team": "Team", "members": "Members", "leads": "Leads and managers", "above": AdminAbove,
		"teams-none":       "There are no teams yet. Make one for each kind of help that you give.",
		"add-team":         AdminAddTeam,
		"rank-of":          "Rank of %s",
		"members-none":     "Nobody yet.",
		"add-members":      "Add people (not in the team: %d)",
		"as":               "Rank of those added",
		"ranks-hint":       "Leads see the reports of their team; managers oversee the teams below, too.",
		"remove-team":      "Remove the team…",
		"remove-team-hint": "Its members stay, and the teams below come under the one above. Customers who wait in its queue go where the portal says.",
		"remove-team-do":   "Remove the team",
		"role":             "Role", "about": "What it is for", "holders": "Who holds it", "permissions-count": "Permissions: %d",
		"by-itself":        "By itself",
		"role-built-in":    "Every organisation has this role, and it stays as it is.",
		"may":              "May",
		"may-hint":         "What you do not have yourself you cannot give.",
		"add-role":         AdminAddRole,
		"holders-none":     "Nobody.",
		"holders-hint":     "Roles are given on the page of each rep.",
		"remove-role":      "Remove the role…",
		"remove-role-hint": "This works once nobody holds it.",
		"remove-role-do":   "Remove the role",
	}
}

func overviewTexts() map[string]Sentence {
	return map[string]Sentence{
		"unprotected": "Your password alone opens this account. Set up a second factor.",
		"reset-asks":  "%s needs your yes for a new password.",
		"look":        "Look at it",
		"waiting":     "waiting", "running": "sessions under way", "reps-here": "Reps signed in", "reps-count": "reps signed in", "waiting-head": "Waiting",
		"next-steps": "To begin with", "is-done": "Done",
		"emergency":      "In an emergency",
		"emergency-hint": "Ends all logins, keys and sessions at once. People, teams and settings stay.",
		"emergency-go":   "Revoke everything…",
		"queues-unknown": "What goes on is not known here.",
		"queue":          "Queue", "longest": "Longest wait", "reps-for-it": "Reps for it",
		"queues-none": "Nobody waits, and nobody is there to serve a queue.", "reps-none": "Nobody is signed in at a console.",
		"sessions-count": "Sessions: %d",
	}
}

func revokeTexts() map[string]Sentence {
	return map[string]Sentence{
		"revoke-ends":     "This ends at once:",
		"revoke-logins":   "all logins in browsers, except this one",
		"revoke-consoles": "the logins of all consoles",
		"revoke-keys":     "all session keys and all running sessions",
		"revoke-tokens":   "all API tokens, invitations, links for new passwords and enrolment codes",
		"revoke-stays":    "People, teams, roles, settings and reports stay. Everybody signs in again as before.",
		"revoke-do":       "Revoke everything",
	}
}

func auditTexts() map[string]Sentence {
	return map[string]Sentence{
		"filter": "Filter", "number": "No.", "time": "Time", "who": AdminAuditWho, "what": AdminAuditWhat, "about-whom": "About",
		"audit-none-found": "Nothing fits. Take something out of the filter.", "audit-none": "Nothing has been done yet.",
		"audit-head": "%d entries in all; the newest is", "older": "Older", "export-csv": "Export (CSV)",
		"audit-good":        "The log holds: %d entries, from the first to the last as they were written.",
		"audit-good-hint":   "Number and hash of the newest entry are in the server’s own log every hour. Compared with those, a log that was written anew as a whole shows, too.",
		"audit-broken":      "The log does not hold: somebody has changed it.",
		"audit-broken-hint": "Keep a copy of the database and of the server’s own log, and look at who could write to them.",
		"to-audit":          "Back to the log",
	}
}

// AdminDone is what was done just before, by the word in the address.
func AdminDone() map[string]Sentence {
	return map[string]Sentence{
		"over": "You have been signed out: you were away, or your login was ended elsewhere. What you sent last was not done.",
		"out":  "You have signed out.", "reset": "The password is saved. Sign in with it.",
		"founded": "Welcome. You are an owner of this organisation now.", "password": "The password is saved.",
		"factor-gone": "The authenticator app was taken away.", "passkey": "The passkey was added.", "passkey-gone": "The passkey was removed.",
		"joined": "You are known at the identity provider now, and can come in that way.", "ended": "It was signed out.", "console-gone": "The console was removed.", "added": "Added.", "saved": "Saved.",
		"enabled": "The account is enabled.", "disabled": "The account is disabled.", "role-given": "The role was given.", "role-taken": "The role was taken away.",
		"approved": "You have agreed. The link works now.", "cancelled": "It was cancelled.", "team-added": "The team was added.",
		"team-gone": "The team was removed.", "role-added": "The role was added.", "role-gone": "The role was removed.",
		"revoked": "Everything was revoked. Everybody has to sign in again.",
	}
}

// AdminActs says the acts of the audit log.
func AdminActs() map[string]Sentence {
	return map[string]Sentence{
		"rep.add": "Added somebody", "rep.change": "Changed somebody", "rep.disable": "Disabled an account", "rep.enable": "Enabled an account",
		"team.add": "Added a team", "team.change": "Changed a team", "team.remove": "Removed a team",
		"role.add": "Added a role", "role.change": "Changed a role", "role.remove": "Removed a role", "role.give": "Gave a role", "role.take": "Took a role away",
		"role.mapped":     "Roles by the identity provider",
		"password.change": "Changed the own password", "totp.set": "Set up an authenticator app", "totp.drop": "Took an authenticator app away",
		"passkey.add": "Added a passkey", "passkey.drop": "Removed a passkey", "codes.new": "Made recovery codes", "codes.use": "Used a recovery code",
		"login.in": "Signed in", "login.end": "Ended logins",
		"provider.meet": "Came in by the identity provider for the first time", "provider.join": "Connected with an account at the identity provider",
		"provider.refuse": "Was refused: has the mail address, but is not known", "provider.forget": "Is not known at identity providers any more",
		"reset.start": "Started a reset or an invitation", "reset.approve": "Agreed to a reset", "reset.open": "Proved the second factor for a reset",
		"reset.use": "Chose a password by a link", "reset.cancel": "Cancelled a reset",
		"console.code": "Made an enrolment code", "console.enrol": "Enrolled a console with a code", "backup.make": "Made a backup",
		"console.allow": "Let a console in", "console.refuse": "Refused a console", "console.revoke": "Removed a console",
		"token.add": "Made an API token", "token.revoke": "Revoked an API token", "settings.change": "Changed settings",
		"notice.push": "Told everybody waiting something", "notice.end": "Ended a notice",
		"certificate.keep": "Kept certificates of reps", "certificate.key": "Kept the organisation's key",
		"record.key": "Kept the key that transcripts are sealed for", "grant.keep": "Let a console open transcripts", "grant.end": "Let a console open transcripts no more",
		"first.make": "Made a code for a first administrator", "first.take": "Became an owner with a code of the command",
		"everything.revoke": "Revoked everything", "audit.export": "Exported the audit log", "record.erase": "Deleted a session's record",
	}
}
