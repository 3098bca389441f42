import type { TranslatedErrors } from './deErrors'

/** French messages for the error codes of the API, which explains errors in English only. */
export const errors: TranslatedErrors = {
  no_image: 'Aucune photo n’est arrivée. Veuillez la choisir à nouveau.',
  empty_file: 'Le fichier est vide. Veuillez choisir une autre photo.',
  broken_image: 'Cette photo est endommagée ou incomplète. Veuillez utiliser le fichier d’origine.',
  unsupported_image:
    'Ce fichier n’est pas une photo dans un format pris en charge. Veuillez enregistrer la photo au format JPEG.',
  file_too_large: 'Ce fichier est trop volumineux. Veuillez réduire la photo.',
  too_many_pixels: 'Cette photo a trop de pixels. Veuillez la réduire.',
  too_complex: 'La structure de ce fichier est inhabituelle. Veuillez enregistrer à nouveau la photo au format JPEG.',
  throttled: 'Cela fait beaucoup de photos en peu de temps. Veuillez attendre un moment.',
  busy: 'Le serveur est occupé. Veuillez réessayer dans un instant.',
  model_unavailable: 'Aucun modèle n’est chargé sur le serveur. Veuillez réessayer plus tard.',
  history_unavailable: 'Les réponses enregistrées sont inaccessibles pour le moment. Veuillez réessayer plus tard.',
  prediction_not_found:
    'Aucune réponse n’est enregistrée à cette adresse. Les anciennes réponses sont supprimées au bout d’un certain temps.',
  photos_not_kept: 'Ce serveur n’enregistre pas de photos, même avec votre accord.',
  secret_needed: 'Seul le navigateur qui a envoyé la photo peut le faire.',
  another_photo: 'La réponse concerne une autre photo.',
  server_error: 'Une erreur s’est produite sur le serveur. La photo n’est pas en cause.',
  unreachable: 'Le serveur démarre ou ne fonctionne pas. Veuillez réessayer dans quelques secondes.',
  timeout: 'Le serveur n’a pas répondu en une minute. Veuillez réessayer dans un instant.',
}
