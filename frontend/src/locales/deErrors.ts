/** German messages for the error codes of the API, which explains errors in English only. */
export const errors = {
  no_image: 'Es ist kein Foto angekommen. Bitte wählen Sie es noch einmal aus.',
  empty_file: 'Die Datei ist leer. Bitte wählen Sie ein anderes Foto.',
  broken_image: 'Dieses Foto ist beschädigt oder unvollständig. Bitte verwenden Sie die ursprüngliche Datei.',
  unsupported_image: 'Diese Datei ist kein Foto in einem unterstützten Format. Bitte speichern Sie das Foto als JPEG.',
  file_too_large: 'Diese Datei ist zu groß. Bitte verkleinern Sie das Foto.',
  too_many_pixels: 'Dieses Foto hat zu viele Pixel. Bitte verkleinern Sie es.',
  too_complex: 'Diese Datei ist ungewöhnlich aufgebaut. Bitte speichern Sie das Foto noch einmal als JPEG.',
  throttled: 'Das waren viele Fotos in kurzer Zeit. Bitte warten Sie einen Moment.',
  busy: 'Der Server ist ausgelastet. Bitte versuchen Sie es gleich noch einmal.',
  model_unavailable: 'Auf dem Server ist gerade kein Modell geladen. Bitte versuchen Sie es später noch einmal.',
  history_unavailable:
    'Die gespeicherten Antworten sind gerade nicht erreichbar. Bitte versuchen Sie es später noch einmal.',
  prediction_not_found:
    'Unter dieser Adresse ist keine Antwort gespeichert. Alte Antworten werden mit der Zeit gelöscht.',
  photos_not_kept: 'Dieser Server speichert keine Fotos, auch nicht mit Zustimmung.',
  secret_needed: 'Das kann nur der Browser, der das Foto geschickt hat.',
  another_photo: 'Die Antwort gehört zu einem anderen Foto.',
  server_error: 'Auf dem Server ist ein Fehler aufgetreten. Am Foto liegt es nicht.',
  unreachable: 'Der Server startet gerade oder läuft nicht. Bitte versuchen Sie es in ein paar Sekunden noch einmal.',
  timeout: 'Der Server hat nicht innerhalb einer Minute geantwortet. Bitte versuchen Sie es gleich noch einmal.',
}

/** TypeScript checks that other languages explain the same codes. */
export type TranslatedErrors = Record<keyof typeof errors, string>
