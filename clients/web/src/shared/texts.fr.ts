/** The words that all pages share, in French. */
import type { SharedKey, Table } from "./texts";

export const fr: Table<SharedKey> = {
  appName: "pytlas",
  cancel: "Annuler",
  close: "Fermer",
  save: "Enregistrer",
  tryAgain: "Réessayer",
  working: "En cours…",
  menu: "Menu",
  skipToContent: "Aller au contenu",

  signIn: "Se connecter",
  signInLead: "Connectez-vous pour parler à votre assistant.",
  name: "Nom",
  password: "Mot de passe",
  showPassword: "Afficher le mot de passe",
  hidePassword: "Masquer le mot de passe",
  signOut: "Se déconnecter",
  signOutEverywhere: "Se déconnecter partout",
  signOutEverywhereAsk:
    "Toutes vos sessions prennent fin : ce navigateur, vos autres navigateurs, téléphones et appareils. Reconnectez-vous là où vous voulez continuer.",

  setUp: "Créer le premier compte",
  setUpLead: "Ce serveur est neuf. Son premier compte revient à la personne qui l’exploite.",
  setUpButton: "Créer le compte",
  setUpCode: "Code d’installation",
  setUpCodeHint: "Il ressemble à k7mp-x3qd-9rtw.",
  setUpWhere: "Où trouver ce code ?",
  setUpWhereText:
    "Le serveur l’affiche à chaque démarrage, tant qu’il n’y a pas de compte. Cherchez cette ligne dans le terminal où il tourne, ou dans son journal :",
  setUpWhereLine: "… or over HTTP (POST /api/setup) with the setup code …",
  setUpPasswordHint: "Quelques mots qui n’appartiennent qu’à vous conviennent bien.",
  language: "Langue",

  endedExpired: "Votre session a expiré. Veuillez vous reconnecter.",
  endedRevoked: "Cette session a été fermée. Veuillez vous reconnecter.",
  endedDisabled: "Votre compte est désactivé. Adressez-vous à qui exploite le serveur.",
  endedOther: "Veuillez vous reconnecter.",

  fieldMissing: "Veuillez remplir ce champ.",
  wrongPassword: "Le nom ou le mot de passe n’est pas correct.",
  wrongCode: "Ce n’est pas le code que le serveur affiche.",
  tooMany: "Trop d’essais. Veuillez attendre {seconds} s avant de réessayer.",
  weakPassword:
    "Ce mot de passe est facile à deviner. Prenez-en un plus long, quelques mots par exemple.",
  setUpDone: "Il y a déjà un compte. Veuillez vous connecter.",
  badName: "Ce nom ne convient pas : {detail}",
  unreachable: "Le serveur est injoignable. Est-il en marche, et êtes-vous en ligne ?",
  unavailable: "Le serveur ne peut pas répondre pour l’instant. Réessayez dans un moment.",
  failed: "Cela n’a pas fonctionné : {detail}",

  theme: "Apparence",
  themeSystem: "Comme le système",
  themeLight: "Claire",
  themeDark: "Sombre",
};
