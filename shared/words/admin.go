package words

// Signing in to the administration.
const (
	AdminSignIn       Sentence = "Sign in"
	AdminMail         Sentence = "Mail address"
	AdminPassword     Sentence = "Password"
	AdminWithProvider Sentence = "Sign in with %s"
	AdminWrong        Sentence = "This mail address and password do not go together, or the account cannot be used. Please try again."
	AdminWait         Sentence = "There were too many wrong tries. Please try again in %s."
	AdminBusy         Sentence = "Many people sign in at this moment. Please try again in a few seconds."
	AdminWrongNetwork Sentence = "Your organisation lets people sign in from certain networks only, and this is none of them."
	AdminFactorTitle  Sentence = "One more step"
	AdminCode         Sentence = "Code"
	AdminCodeHint     Sentence = "The six digits that your authenticator app shows, or one of your recovery codes."
	AdminWrongCode    Sentence = "This code is not right, or was used already. Wait for the next one and try again."
	AdminWrongPasskey Sentence = "The passkey was not accepted. Please try again, or sign in in another way."

	AdminProviderAway    Sentence = "The identity provider does not answer as it should. Please try again later, or sign in in another way."
	AdminProviderLate    Sentence = "Signing in there was broken off or took too long. Please try again."
	AdminProviderUnknown Sentence = "You are signed in there, but nobody here has that mail address, or it was not confirmed. Ask an administrator."

	AdminProviderNameless Sentence = "The identity provider does not say who you are in a way that can be kept. Please tell your administrators."
	AdminProviderOther    Sentence = "Whoever has your mail address here is known by another account at the identity provider. Sign in there with the account that you used before. If you have a new one, ask for a new password: two administrators must agree."
	AdminProviderOthers   Sentence = "This account at the identity provider belongs to somebody else here. Sign out there, and use your own."
	AdminProviderOwnWay   Sentence = "You are signed in there, but not known by it yet. Sign in here as you did until now, and connect the two once: My account has a button for it."
	AdminProviderGiven    Sentence = "You are signed in there, but an administrator has given your account this mail address, so the address alone does not prove that it is you. Ask for a new password: two administrators must agree. Then connect the two once: My account has a button for it."
	AdminProviderUnmet    Sentence = "Somebody at the identity provider"
	AdminJoinTitle        Sentence = "Connect with the identity provider"
	AdminJoinGo           Sentence = "Sign in at %s with your own account. You come back here afterwards, and can sign in that way from then on."

	AdminOneSecond Sentence = "a second"
	AdminSeconds   Sentence = "%d seconds"
	AdminMinutes   Sentence = "%d minutes"
	AdminHours     Sentence = "%d hours"
)

// The first administrator, and passwords that are lost.
const (
	AdminFirstTitle    Sentence = "Become an owner"
	AdminFirstCode     Sentence = "Code"
	AdminFirstCodeHint Sentence = "Four groups of five letters and digits. It works once, within an hour."
	AdminFirstWrong    Sentence = "This code is not right, was used already, or is too old. Make a new one on the server."
	AdminYourName      Sentence = "Your name"
	AdminYourNameHint  Sentence = "Customers see it when you help them."
	AdminYourMail      Sentence = "Your mail address"
	AdminYourMailHint  Sentence = "You sign in with it."
	AdminResetTitle    Sentence = "A new password"
	AdminInvitedTitle  Sentence = "Welcome"
	AdminResetOver     Sentence = "This link works no more: it was used, cancelled, or is older than a day. Ask an administrator for a new one."
	AdminCheck         Sentence = "Please look at this again:"
	AdminOptional      Sentence = "(optional)"
)

// Passwords.
const (
	AdminNewPassword    Sentence = "New password"
	AdminPasswordHint   Sentence = "At least %d characters. A few words that only you would put together are easiest to remember."
	AdminAgain          Sentence = "New password, once more"
	AdminOldPassword    Sentence = "Your password now"
	AdminShort          Sentence = "Too short: it needs at least %d characters."
	AdminLong           Sentence = "Too long: at most %d characters."
	AdminNamePassword   Sentence = "It is made of your name, your mail address or the organisation's name. Take something else."
	AdminCommon         Sentence = "Many people take this one, so it is guessed first. Take something else."
	AdminNotSame        Sentence = "The two are not the same."
	AdminSamePassword   Sentence = "This is the password that you have now."
	AdminWrongAgain     Sentence = "This is not your password."
	AdminChangePassword Sentence = "Password"
	AdminMustChange     Sentence = "Please choose a new password before you go on."
)

// Second factors.
const (
	AdminSetUpTitle   Sentence = "Second factor"
	AdminCodesTitle   Sentence = "Your recovery codes"
	AdminNeedFactor   Sentence = "Your organisation wants everybody to have a second factor. Please set one up before you go on."
	AdminAppCode      Sentence = "The six digits that the app shows now"
	AdminWrongAppCode Sentence = "These are not the digits of now. Check that the clocks of this computer and your phone are right, and type the next ones."
	AdminPasskeyName  Sentence = "Passkey of %s"
	AdminNoPasskey    Sentence = "The passkey could not be made. Please try again."
	AdminKnownPasskey Sentence = "This passkey is here already."
	AdminManyPasskeys Sentence = "You have as many passkeys as there can be. Remove one that you do not need any more."
)

// A console that asks for a login.
const (
	AdminConsoleTitle   Sentence = "Log in a console"
	AdminConsoleLead    Sentence = "Type the code that the console shows."
	AdminConsoleCode    Sentence = "Code in the console"
	AdminConsoleAsks    Sentence = "A rep console asks to be logged in as you."
	AdminConsoleAllowed Sentence = "The console is logged in as you. You can close this page."
	AdminConsoleRefused Sentence = "The console was refused. If you did not start it yourself, tell your administrators."
	AdminConsoleOver    Sentence = "Nothing waits here any more. Start again in the console."
	AdminNoConsole      Sentence = "No console shows this code, or it took too long. Compare it, or start again in the console."
	AdminOthersConsole  Sentence = "This console belongs to somebody else, who must remove it first: under My account, Consoles."
	AdminWhereHere      Sentence = "At the same address as this browser"
	AdminWhereServer    Sentence = "On the server itself"
	AdminWhereNetwork   Sentence = "In a private network, like this browser"
	AdminWhereElse      Sentence = "Somewhere else than this browser"
)

// Why something is not done.
const (
	AdminNotYoursTitle    Sentence = "This is not yours to see"
	AdminNotYours         Sentence = "You do not have the permission for this. If you need it, ask an administrator."
	AdminMissingTitle     Sentence = "There is nothing here"
	AdminMissing          Sentence = "It is not there, or not any more."
	AdminMemberGone       Sentence = "Somebody whom you have chosen is not there any more, so nobody is added yet. Look at the team again, and save."
	AdminToOverview       Sentence = "Go to the overview"
	AdminAboveYou         Sentence = "Nobody can give what they do not have themselves, nor change somebody who may do more than they."
	AdminOwnRights        Sentence = "Nobody can raise their own rights. Ask somebody else."
	AdminLastOwner        Sentence = "This is the last owner. Make somebody else one first."
	AdminCycle            Sentence = "A team cannot be above itself, not even through others."
	AdminHeld             Sentence = "Somebody holds this role. Take it from them first."
	AdminBuiltIn          Sentence = "Every organisation has this role as it is."
	AdminTaken            Sentence = "Something else has this name already."
	AdminBad              Sentence = "This cannot be kept as it is. Please look at it again."
	AdminSamePerson       Sentence = "Another administrator must agree, whose rights do not come from you, nor yours from theirs, within the last week."
	AdminNeedsFactor      Sentence = "This needs the second factor of the rep. An administrator's yes does not replace it."
	AdminNeedsApproval    Sentence = "This needs the yes of another administrator."
	AdminChangedMeanwhile Sentence = "Somebody else has changed this while you looked at it, so nothing is saved yet. Compare what you have typed with what is kept, and save again."
	AdminKeptNow          Sentence = "Kept at the moment: “%s”."
	AdminEmptyNow         Sentence = "Kept at the moment: nothing."
	AdminOnNow            Sentence = "Kept at the moment: yes."
	AdminOffNow           Sentence = "Kept at the moment: no."
	AdminBadMail          Sentence = "This is not a mail address."
	AdminMailTaken        Sentence = "Somebody has this mail address already."
	AdminBadName          Sentence = "A name of 1 to 80 characters is needed."
	AdminBadNumber        Sentence = "A whole number from 0 to %d is needed."
)

// A form that came a second time.
const (
	AdminSentTitle Sentence = "This was sent before"
	AdminSent      Sentence = "So nothing was done this time: what came of it the first time is there. What is shown only once is not shown again. If you did not keep it, make a new one in its place."
)

// A form that came too slowly.
const AdminSlow Sentence = "It came so slowly that we stopped waiting for the rest of it. Nothing has been changed. Please try again, if you can on a faster line."

// A form that came when its login was over.
const (
	AdminUnsentTitle Sentence = "You are not signed in any more"
	AdminUnsent      Sentence = "Nothing was saved, and nothing that you have typed is lost: this page keeps it. Sign in in another window, come back to this one, and send it once more."
	AdminUnsentIn    Sentence = "Sign in in another window"
	AdminUnsentAgain Sentence = "Send it once more"
	AdminUnsentFile  Sentence = "Choose the file “%s” again"
	AdminUnsentHint  Sentence = "A file can't be kept here. If you choose none, the rest is sent without it."
)

// People.
const (
	AdminPeopleLead      Sentence = "Everybody who works here."
	AdminAddPerson       Sentence = "Add somebody"
	AdminPublicName      Sentence = "Public name"
	AdminPublicNameHint  Sentence = "Customers see it."
	AdminPrivateName     Sentence = "Private name"
	AdminPrivateNameHint Sentence = "Colleagues see it, if it is another one."
	AdminMailHint        Sentence = "For signing in here. Without one, only a console with an enrolment code works."
	AdminListed          Sentence = "Customers can choose this name on portals"
	AdminOrder           Sentence = "Place in the list on portals"
	AdminOrderHint       Sentence = "Smaller numbers come first."
	AdminIdle            Sentence = "Sign out after so many minutes"
	AdminIdleHint        Sentence = "Without anything being done. Empty: as for everybody."
	AdminMust            Sentence = "Must choose a new password at the next sign-in"
	AdminInvite          Sentence = "Make an invitation link"
	AdminInviteHint      Sentence = "With it a new rep chooses a password. You send it yourself; it works once, for a day."
	AdminInviteNeedsMail Sentence = "An invitation needs a mail address to sign in with."
	AdminLinkTitle       Sentence = "New password for %s"
	AdminInviteTitle     Sentence = "Invitation for %s"
)

// Teams and roles.
const (
	AdminTeamsLead  Sentence = "Customers wait in the queue of a team; its members take them."
	AdminAddTeam    Sentence = "Add a team"
	AdminTeamName   Sentence = "Name of the team"
	AdminTeamTaken  Sentence = "Another team has this name already."
	AdminAbove      Sentence = "Team above"
	AdminAboveHint  Sentence = "Its managers oversee this team, too."
	AdminNoTeam     Sentence = "None"
	AdminOutOfTeam  Sentence = "Out of the team"
	AdminMember     Sentence = "Member"
	AdminLead       Sentence = "Lead"
	AdminManager    Sentence = "Manager"
	AdminRolesLead  Sentence = "What people may do in the administration. No role lets anybody see a customer's screen: only the customer does."
	AdminAddRole    Sentence = "Add a role"
	AdminRoleName   Sentence = "Name of the role"
	AdminAboutOwner Sentence = "May do everything. There is always one."

	AdminAboutAdministrator Sentence = "The daily work: people, teams, roles, portals, policies, reports and the audit log."
	AdminAboutLead          Sentence = "Everybody who leads or manages a team has it, without being given it."
	AdminAboutRep           Sentence = "Everybody has it, without being given it."
)

// Permissions, each with what it means.
const (
	AdminMayPeople          Sentence = "Manage people"
	AdminMayPeopleHint      Sentence = "Add, change and disable reps, invite them, start a reset of a password."
	AdminMayApprove         Sentence = "Agree to resets"
	AdminMayApproveHint     Sentence = "The second yes, where a rep has lost the second factor, too."
	AdminMayTeams           Sentence = "Edit teams"
	AdminMayTeamsHint       Sentence = "Teams, their members and leads."
	AdminMayRoles           Sentence = "Edit roles"
	AdminMayRolesHint       Sentence = "What roles may do, and who holds them: never more than one has oneself."
	AdminMayPortals         Sentence = "Edit portals"
	AdminMayPortalsHint     Sentence = "Portals, texts, issues, surveys, notices and hours."
	AdminMayPush            Sentence = "Tell everybody waiting"
	AdminMayPushHint        Sentence = "Push a notice to everybody who waits, from the console, and end pushed notices."
	AdminMayPolicies        Sentence = "Edit policies"
	AdminMayPoliciesHint    Sentence = "What reps may ask of customers in sessions."
	AdminMayReports         Sentence = "See all reports"
	AdminMayReportsHint     Sentence = "Sessions of everybody, and all queues."
	AdminMayTeamReports     Sentence = "See reports of one's teams"
	AdminMayTeamReportsHint Sentence = "Sessions of the teams that one leads."
	AdminMayOwn             Sentence = "See one's own sessions"
	AdminMayOwnHint         Sentence = "And their reports."
	AdminMayAudit           Sentence = "Read the audit log"
	AdminMayAuditHint       Sentence = "Who changed what in the administration."
	AdminMayExport          Sentence = "Export settings"
	AdminMayExportHint      Sentence = "All settings as a file."
	AdminMayImport          Sentence = "Import settings"
	AdminMayImportHint      Sentence = "And back, after looking at what would change."
	AdminMayRevoke          Sentence = "Revoke everything"
	AdminMayRevokeHint      Sentence = "End all logins, keys and sessions at once."
	AdminMayTokens          Sentence = "Make API tokens"
	AdminMayTokensHint      Sentence = "With which other programs use the administration."
)

// The audit log.
const (
	AdminAuditLead  Sentence = "Everything that was changed in the administration. Nothing in it can be changed or taken out without being noticed."
	AdminAuditCheck Sentence = "Check the log"
	AdminAuditWho   Sentence = "Who"
	AdminAuditWhat  Sentence = "What"
	AdminAuditFrom  Sentence = "From"
	AdminAuditTo    Sentence = "To"
	AdminAnybody    Sentence = "Anybody"
	AdminAnything   Sentence = "Anything"
	AdminCommand    Sentence = "Command on the server"

	AdminKindPeople       Sentence = "People"
	AdminKindTeams        Sentence = "Teams"
	AdminKindRoles        Sentence = "Roles"
	AdminKindLogins       Sentence = "Sign-ins"
	AdminKindPasswords    Sentence = "Passwords"
	AdminKindTOTP         Sentence = "Authenticator apps"
	AdminKindPasskeys     Sentence = "Passkeys"
	AdminKindCodes        Sentence = "Recovery codes"
	AdminKindResets       Sentence = "Resets"
	AdminKindProvider     Sentence = "Identity provider"
	AdminKindConsoles     Sentence = "Consoles"
	AdminKindTokens       Sentence = "API tokens"
	AdminKindSettings     Sentence = "Settings"
	AdminKindNotices      Sentence = "Notices from reps"
	AdminKindCertificates Sentence = "Certificates"
	AdminKindRecords      Sentence = "Records of sessions"
	AdminKindGrants       Sentence = "Who reads sealed transcripts"
	AdminKindRevoke       Sentence = "Revoking everything"
	AdminKindBackups      Sentence = "Backups"
	AdminKindFirst        Sentence = "First administrator"
	AdminKindAudit        Sentence = "Audit log"
)

// The overview, queues, and the end of everything.
const (
	AdminHello        Sentence = "Hello, %s"
	AdminStepFactor   Sentence = "Set up your second factor"
	AdminStepPeople   Sentence = "Add the first colleague"
	AdminStepTeam     Sentence = "Make a team"
	AdminStepOwner    Sentence = "Make somebody a second owner, so that nobody is locked out"
	AdminQueuesLead   Sentence = "Who waits where, at this moment."
	AdminQueueOf      Sentence = "Queue of %s"
	AdminQueueGeneral Sentence = "General queue"
	AdminRevokeTitle  Sentence = "Revoke everything"
	AdminRevokeLead   Sentence = "For the day on which something has gone very wrong: a stolen computer, a leaked password, a broken-in server."
	AdminRevokeType   Sentence = "Type %s to go on"
	AdminRevokeWord   Sentence = "REVOKE"
	AdminRevokeWrong  Sentence = "This is not the word."
)

// What the command that checks the audit log says.
const (
	FlagNoted         Sentence = "number and hash of the newest entry as noted elsewhere, such as 1234:9f3c…; the log must still hold that entry"
	BrokerAuditHolds  Sentence = "The audit log holds: %d entries, from the first to the last as they were written."
	BrokerAuditBroken Sentence = "The audit log does not hold: somebody has changed it. The line above says where. Keep a copy of the data, and look at who could write to it."
	BrokerBadNoted    Sentence = "%q is no number and hash of an entry. Write it like 1234:9f3c…, with all 64 digits of the hash."
)
