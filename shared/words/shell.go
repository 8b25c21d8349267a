package words

// What all pages of the administration say.
const (
	ShellTab          Sentence = "%s · %s"
	ShellSkip         Sentence = "Go to the content"
	ShellMenu         Sentence = "Menu"
	ShellClose        Sentence = "Close the menu"
	ShellNavigation   Sentence = "Sections"
	ShellCrumbs       Sentence = "Where you are"
	ShellLeave        Sentence = "Sign out"
	ShellAway         Sentence = "Are you still there?"
	ShellAwayQuestion Sentence = "Nobody has done anything here for a while, so you will be signed out soon. Save what you have typed."
	ShellStay         Sentence = "Stay signed in"
	ShellSeconds      Sentence = "%d s"
)

// The sections of the administration.
const (
	ShellOverview Sentence = "Overview"
	ShellQueues   Sentence = "Queues"
	ShellReports  Sentence = "Reports"
	ShellPortals  Sentence = "Portals"
	ShellPolicies Sentence = "Policies"
	ShellPeople   Sentence = "People"
	ShellTeams    Sentence = "Teams"
	ShellRoles    Sentence = "Roles"
	ShellSettings Sentence = "Settings"
	ShellAudit    Sentence = "Audit log"
	ShellAccount  Sentence = "My account"
)
