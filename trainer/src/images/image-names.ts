/** As a part of a pattern: how names of images end, also of those that nothing here reads. */
export const imageEndings = 'png|jpe?g|bmp|gif|tiff?|webp|heic|avif';
