package words

// Default is what an organisation's portals say to customers where the
// organisation has not written a text of its own (row W08), by language and by
// the text's name, which is one of package settings'. The texts are in the
// simple formatting of package prose; {…} are macros.
func Default(language, name string) (string, bool) {
	text, ok := defaults[language][name]
	return text, ok
}

// DefaultLanguages are the languages that Default knows, for the test that each
// has all texts.
func DefaultLanguages() []string { return []string{"en", "ar", "de", "el", "es", "fr"} }

var defaults = map[string]map[string]string{
	"en": {
		"welcome":         "Get help from {portal}",
		"intro":           "Choose how you would like to begin. You decide what your support rep may see and do, and you can stop it at any moment.",
		"closed":          "We are closed at the moment. We open again {opens}.",
		"agreement-title": "Before we begin",
		"agreement":       "{portal} will help you over the internet. Your support rep sees your screen or controls your computer **only after you have said yes** in this window, and you can stop it at any moment.\n\nPlease close whatever should stay private. Do you agree to a support session?",
		"recording":       "May {portal} record this session? You get help all the same if you say no.",
		"greeting":        "Thank you for coming to {portal}. A support rep will be with you soon.",
		"hold":            "Thank you for waiting. You keep your place, and we have not forgotten you.",
		"nobody":          "Nobody is here to help you at the moment. Please try again later.",
		"lost":            "Your support rep has lost the connection. Please stay: somebody will go on with you soon.",
		"moved":           "Your support rep has handed you on to a colleague, who will be with you soon.",
		"survey-intro":    "How was it? Your answers help us to do better.",
		"survey-thanks":   "Thank you for your answers.",
		"invite-subject":  "{portal}: your support session with {rep}",
		"invite":          "Hello,\n\n{rep} of {portal} would like to help you. Please open this page:\n\n{link}\n\nand follow the steps there. {rep} tells you the session key on the phone. It works once, for {minutes} minutes.\n\nDid you not ask for help? Then do not open the page, and do not answer whoever called you.",
	},
	"ar": {
		"welcome":         "احصل على المساعدة من {portal}",
		"intro":           "اختر الطريقة التي تريد أن تبدأ بها. أنت من يقرر ما يمكن لموظف الدعم أن يراه ويفعله، ويمكنك إيقافه في أي لحظة.",
		"closed":          "نحن مغلقون الآن. نفتح من جديد {opens}.",
		"agreement-title": "قبل أن نبدأ",
		"agreement":       "سيساعدك {portal} عبر الإنترنت. لا يرى موظف الدعم شاشتك ولا يتحكم في جهازك **إلا بعد أن توافق** في هذه النافذة، ويمكنك إيقافه في أي لحظة.\n\nيُرجى إغلاق كل ما يجب أن يبقى خاصًا. هل توافق على جلسة دعم؟",
		"recording":       "هل تسمح لـ {portal} بتسجيل هذه الجلسة؟ ستحصل على المساعدة حتى إن قلت لا.",
		"greeting":        "شكرًا لتواصلك مع {portal}. سيكون أحد موظفي الدعم معك قريبًا.",
		"hold":            "شكرًا لانتظارك. مكانك محفوظ، ولم ننسك.",
		"nobody":          "لا يوجد من يساعدك في الوقت الحالي. يُرجى المحاولة لاحقًا.",
		"lost":            "انقطع اتصال موظف الدعم. يُرجى البقاء: سيكمل معك شخص آخر قريبًا.",
		"moved":           "حوّلك موظف الدعم إلى زميل سيكون معك قريبًا.",
		"survey-intro":    "كيف كانت تجربتك؟ إجاباتك تساعدنا على أن نكون أفضل.",
		"survey-thanks":   "شكرًا على إجاباتك.",
		"invite-subject":  "{portal}: جلسة الدعم الخاصة بك مع {rep}",
		"invite":          "مرحبًا،\n\nيود {rep} من {portal} مساعدتك. يُرجى فتح هذه الصفحة:\n\n{link}\n\nثم اتباع الخطوات فيها. يخبرك {rep} بمفتاح الجلسة عبر الهاتف. يعمل المفتاح مرة واحدة ولمدة {minutes} دقيقة.\n\nألم تطلب المساعدة؟ إذن لا تفتح الصفحة ولا ترد على من اتصل بك.",
	},
	"de": {
		"welcome":         "Hilfe von {portal}",
		"intro":           "Wählen Sie, wie Sie beginnen möchten. Sie bestimmen, was Ihr Supporter sehen und tun darf, und können es jederzeit beenden.",
		"closed":          "Wir haben gerade geschlossen. Wir öffnen wieder {opens}.",
		"agreement-title": "Bevor wir beginnen",
		"agreement":       "{portal} hilft Ihnen über das Internet. Ihr Supporter sieht Ihren Bildschirm oder steuert Ihren Computer **erst, wenn Sie in diesem Fenster zugestimmt haben**, und Sie können es jederzeit beenden.\n\nBitte schließen Sie, was privat bleiben soll. Sind Sie mit einer Supportsitzung einverstanden?",
		"recording":       "Darf {portal} diese Sitzung aufzeichnen? Sie bekommen auch Hilfe, wenn Sie Nein sagen.",
		"greeting":        "Willkommen bei {portal}. Gleich ist jemand für Sie da.",
		"hold":            "Danke, dass Sie warten. Ihr Platz bleibt Ihnen, wir haben Sie nicht vergessen.",
		"nobody":          "Im Moment ist niemand da, der Ihnen helfen kann. Bitte versuchen Sie es später noch einmal.",
		"lost":            "Die Verbindung zu Ihrem Supporter ist abgerissen. Bitte bleiben Sie: gleich macht jemand mit Ihnen weiter.",
		"moved":           "Ihr Supporter hat Sie weitergegeben. Gleich ist eine Kollegin oder ein Kollege für Sie da.",
		"survey-intro":    "Wie war es? Ihre Antworten helfen uns, besser zu werden.",
		"survey-thanks":   "Danke für Ihre Antworten.",
		"invite-subject":  "{portal}: Ihre Supportsitzung mit {rep}",
		"invite":          "Guten Tag,\n\n{rep} von {portal} möchte Ihnen helfen. Bitte öffnen Sie diese Seite:\n\n{link}\n\nund folgen Sie den Schritten dort. Den Sitzungsschlüssel sagt Ihnen {rep} am Telefon. Er gilt einmal, {minutes} Minuten lang.\n\nSie haben nicht um Hilfe gebeten? Dann öffnen Sie die Seite nicht und antworten Sie nicht, wer immer Sie angerufen hat.",
	},
	"el": {
		"welcome":         "Βοήθεια από: {portal}",
		"intro":           "Επιλέξτε πώς θέλετε να ξεκινήσετε. Εσείς αποφασίζετε τι μπορεί να βλέπει και να κάνει ο τεχνικός, και μπορείτε να το σταματήσετε ανά πάσα στιγμή.",
		"closed":          "Αυτή τη στιγμή είμαστε κλειστά. Ανοίγουμε ξανά {opens}.",
		"agreement-title": "Πριν ξεκινήσουμε",
		"agreement":       "{portal}: θα σας βοηθήσουμε μέσω διαδικτύου. Ο τεχνικός βλέπει την οθόνη σας ή χειρίζεται τον υπολογιστή σας **μόνο αφού συμφωνήσετε** σε αυτό το παράθυρο, και μπορείτε να το σταματήσετε ανά πάσα στιγμή.\n\nΚλείστε ό,τι θέλετε να μείνει ιδιωτικό. Συμφωνείτε με μια συνεδρία υποστήριξης;",
		"recording":       "{portal}: μπορούμε να καταγράψουμε αυτή τη συνεδρία; Θα σας βοηθήσουμε ακόμη κι αν πείτε όχι.",
		"greeting":        "Καλώς ήρθατε: {portal}. Ένας τεχνικός θα είναι σύντομα μαζί σας.",
		"hold":            "Ευχαριστούμε που περιμένετε. Κρατάτε τη θέση σας, δεν σας ξεχάσαμε.",
		"nobody":          "Αυτή τη στιγμή δεν είναι κανείς εδώ για να σας βοηθήσει. Δοκιμάστε ξανά αργότερα.",
		"lost":            "Χάθηκε η σύνδεση με τον τεχνικό σας. Μείνετε: κάποιος θα συνεχίσει σύντομα μαζί σας.",
		"moved":           "Ο τεχνικός σάς παρέδωσε σε συνάδελφο, που θα είναι σύντομα μαζί σας.",
		"survey-intro":    "Πώς σας φάνηκε; Οι απαντήσεις σας μας βοηθούν να γίνουμε καλύτεροι.",
		"survey-thanks":   "Ευχαριστούμε για τις απαντήσεις σας.",
		"invite-subject":  "{portal}: συνεδρία υποστήριξης με {rep}",
		"invite":          "Γεια σας,\n\n{rep} ({portal}) θα ήθελε να σας βοηθήσει. Ανοίξτε αυτή τη σελίδα:\n\n{link}\n\nκαι ακολουθήστε τα βήματα. Το κλειδί της συνεδρίας θα σας το πουν στο τηλέφωνο. Ισχύει μία φορά, για {minutes} λεπτά.\n\nΔεν ζητήσατε βοήθεια; Τότε μην ανοίξετε τη σελίδα και μην απαντήσετε σε όποιον σας κάλεσε.",
	},
	"es": {
		"welcome":         "Ayuda de {portal}",
		"intro":           "Elija cómo quiere empezar. Usted decide qué puede ver y hacer su técnico, y puede detenerlo en cualquier momento.",
		"closed":          "Ahora está cerrado. Volvemos a abrir {opens}.",
		"agreement-title": "Antes de empezar",
		"agreement":       "{portal} le ayudará por internet. Su técnico ve su pantalla o maneja su ordenador **solo después de que usted lo permita** en esta ventana, y puede detenerlo en cualquier momento.\n\nCierre lo que deba seguir siendo privado. ¿Acepta una sesión de asistencia?",
		"recording":       "¿Puede {portal} grabar esta sesión? Le ayudaremos igualmente si dice que no.",
		"greeting":        "Gracias por acudir a {portal}. Un técnico estará pronto con usted.",
		"hold":            "Gracias por esperar. Conserva su turno, no le hemos olvidado.",
		"nobody":          "Ahora no hay nadie que pueda ayudarle. Inténtelo de nuevo más tarde.",
		"lost":            "Su técnico ha perdido la conexión. No se vaya: alguien seguirá pronto con usted.",
		"moved":           "Su técnico le ha pasado con un compañero, que estará pronto con usted.",
		"survey-intro":    "¿Cómo ha ido? Sus respuestas nos ayudan a mejorar.",
		"survey-thanks":   "Gracias por sus respuestas.",
		"invite-subject":  "{portal}: su sesión de asistencia con {rep}",
		"invite":          "Hola:\n\n{rep}, de {portal}, quiere ayudarle. Abra esta página:\n\n{link}\n\ny siga los pasos. {rep} le dirá la clave de la sesión por teléfono. Sirve una vez, durante {minutes} minutos.\n\n¿No ha pedido ayuda? Entonces no abra la página ni conteste a quien le haya llamado.",
	},
	"fr": {
		"welcome":         "L’aide de {portal}",
		"intro":           "Choisissez comment commencer. Vous décidez de ce que votre conseiller peut voir et faire, et vous pouvez l’arrêter à tout moment.",
		"closed":          "Nous sommes fermés pour le moment. Nous rouvrons {opens}.",
		"agreement-title": "Avant de commencer",
		"agreement":       "{portal} va vous aider par internet. Votre conseiller voit votre écran ou commande votre ordinateur **seulement après votre accord** dans cette fenêtre, et vous pouvez l’arrêter à tout moment.\n\nFermez ce qui doit rester privé. Acceptez-vous une session d’assistance ?",
		"recording":       "{portal} peut-il enregistrer cette session ? Vous serez aidé même si vous refusez.",
		"greeting":        "Bienvenue chez {portal}. Un conseiller sera bientôt à vous.",
		"hold":            "Merci de patienter. Vous gardez votre place, nous ne vous oublions pas.",
		"nobody":          "Personne ne peut vous aider pour le moment. Merci de réessayer plus tard.",
		"lost":            "Votre conseiller a perdu la connexion. Restez là : quelqu’un va bientôt continuer avec vous.",
		"moved":           "Votre conseiller vous a confié à un collègue, qui sera bientôt à vous.",
		"survey-intro":    "Comment cela s’est-il passé ? Vos réponses nous aident à progresser.",
		"survey-thanks":   "Merci pour vos réponses.",
		"invite-subject":  "{portal} : votre session d’assistance avec {rep}",
		"invite":          "Bonjour,\n\n{rep}, de {portal}, souhaite vous aider. Ouvrez cette page :\n\n{link}\n\net suivez les étapes. {rep} vous donnera la clé de session au téléphone. Elle sert une fois, pendant {minutes} minutes.\n\nVous n’avez pas demandé d’aide ? Alors n’ouvrez pas la page et ne répondez pas à la personne qui vous a appelé.",
	},
}
